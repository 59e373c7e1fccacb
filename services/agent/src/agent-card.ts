/** What the agent says about itself; also served at /.well-known/agent-card.json. */
export const agentCard = (url: string, role: string): Record<string, unknown> => ({
  protocolVersion: '0.3.0',
  name: 'Holdfast reference agent',
  description: role || 'Answers every message with its own text.',
  version: '0.1.0',
  url,
  preferredTransport: 'JSONRPC',
  capabilities: { streaming: false, pushNotifications: false },
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: [{ id: 'echo', name: 'Echo', description: 'Says back what it was told.', tags: ['echo'] }],
});
