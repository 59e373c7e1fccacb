import type { Connection } from './create-workspace.dto.ts';

/**
 * What the operator of an external agent needs to connect it. The token is shown this once and stands in no snippet:
 * snippets are pasted into chats and tickets.
 */
export function connectionBlock(workspaceId: string, platformUrl: string, token: string): Connection {
  const registry = `${platformUrl}/registry`;
  return {
    workspace_id: workspaceId,
    platform_url: platformUrl,
    auth_token: token,
    registry_endpoint: `${registry}/register`,
    heartbeat_endpoint: `${registry}/heartbeat`,
    curl_register_template: curlTemplate(workspaceId, registry),
    python_snippet: pythonSnippet(workspaceId, platformUrl),
    claude_code_channel_snippet: channelSnippet(workspaceId, platformUrl),
  };
}

const curlTemplate = (
  workspaceId: string,
  registry: string,
): string => `# export WORKSPACE_AUTH_TOKEN=<auth_token> AGENT_URL=<where your agent listens>
curl -fsS -X POST ${registry}/register \\
  -H "Authorization: Bearer $WORKSPACE_AUTH_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"id":"${workspaceId}","url":"'"$AGENT_URL"'","delivery_mode":"push","agent_card":{"name":"my agent","description":"an external agent","version":"1.0.0"}}'
`;

const pythonSnippet = (workspaceId: string, platformUrl: string): string => `import json, os, time, urllib.request

WORKSPACE_ID = "${workspaceId}"
PLATFORM_URL = "${platformUrl}"
TOKEN = os.environ["WORKSPACE_AUTH_TOKEN"]  # the auth_token of this answer
INBOUND_URL = os.environ.get("AGENT_URL", "")  # empty: the agent polls

def call(path, body):
    request = urllib.request.Request(PLATFORM_URL + path, json.dumps(body).encode(),
        {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=10))

card = {"name": "my agent", "description": "an external agent", "version": "1.0.0"}
call("/registry/register", {"id": WORKSPACE_ID, "url": INBOUND_URL, "agent_card": card,
    "delivery_mode": "push" if INBOUND_URL else "poll"})
while True:
    call("/registry/heartbeat", {"workspace_id": WORKSPACE_ID, "error_rate": 0, "active_tasks": 0, "uptime_seconds": 0})
    time.sleep(30)
`;

const channelSnippet = (
  workspaceId: string,
  platformUrl: string,
): string => `mkdir -p ~/.claude/channels/holdfast && umask 077
cat > ~/.claude/channels/holdfast/.env <<'END'
MOLECULE_PLATFORM_URL=${platformUrl}
MOLECULE_WORKSPACE_IDS=${workspaceId}
MOLECULE_WORKSPACE_TOKENS=<auth_token>
END
# The channel polls: no tunnel and no public address are needed. Start Claude Code where its connector reads that file:
set -a; . ~/.claude/channels/holdfast/.env; set +a; claude
`;
