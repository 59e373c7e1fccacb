import { json, type Reaction, scriptedGateway, type ScriptedGateway } from './scripted-gateway.ts';

/** A gateway that knows a few routes; an array is said one after the other, its last for ever. */
export function routedGateway(
  routes: Readonly<Record<string, Reaction | readonly Reaction[]>>,
): Promise<ScriptedGateway> {
  const turns = new Map<string, number>();
  return scriptedGateway((answer, heard) => {
    const route = `${heard.method} ${heard.target.split('?')[0]}`;
    const reactions = [routes[route] ?? json(404, { error: `no route ${route}` })].flat();
    const turn = turns.get(route) ?? 0;
    turns.set(route, turn + 1);
    reactions[Math.min(turn, reactions.length - 1)]?.(answer, heard);
  });
}
