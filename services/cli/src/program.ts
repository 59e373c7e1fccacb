import { Command, Option } from 'commander';
import { boxCommands } from './box/commands.ts';
import { actionsIn } from './command/action.ts';
import type { World } from './command/session.ts';
import { completionCommands } from './completion/commands.ts';
import { doctorCommand } from './doctor/doctor.ts';
import { type Exit, exitTable } from './exit/exit-codes.ts';
import { imageCommands } from './image/commands.ts';
import { loopsCommand } from './loop/commands.ts';
import { modelCommands } from './model/commands.ts';
import { operationCommands } from './operation/commands.ts';
import { secretCommands } from './secret/commands.ts';
import { sweepCommand } from './sweep/commands.ts';
import type { Mode } from './terminal/output.ts';
import { workspaceCommands } from './workspace/commands.ts';
import { orgTokenCommands } from './token/org-tokens.ts';
import { workspaceTokenCommands } from './token/workspace-tokens.ts';

/** The whole tree of commands. `ended` hears how a command ended; commander throws instead of ending the process. */
export function buildProgram(world: World, mode: Mode, ended: (exit: Exit) => void): Command {
  const action = actionsIn(world, ended);
  const program = new Command('holdfast')
    .description('Runs fleets of agent workspaces: a client of the gateway.')
    .version(world.version, '-V, --version', 'print the version')
    .option('--gateway <url>', 'address of the gateway')
    .option(
      '--token-file <path>',
      'file that holds the credential; a flag with the credential itself would be in the process list',
    )
    .option('--org-id <id>', 'tenant id, for a gateway that serves one')
    .option('--config <path>', 'configuration file')
    .addOption(new Option('--json', 'print one JSON document and nothing else').conflicts('quiet'))
    .option('-q, --quiet', 'print ids only')
    .addHelpText('after', () => about);
  const nouns = [
    workspaceCommands(action),
    operationCommands(action),
    boxCommands(action),
    sweepCommand(action),
    imageCommands(action),
    loopsCommand(action),
    secretCommands(action),
    modelCommands(action),
    workspaceTokenCommands(action),
    orgTokenCommands(action),
    doctorCommand(action),
  ];
  const [completion, complete] = completionCommands(program, world);
  for (const command of [...nouns, completion]) if (command) program.addCommand(command);
  if (complete) program.addCommand(complete, { hidden: true });
  for (const command of treeOf(program)) speakThrough(command, world, mode);
  return program;
}

const treeOf = (command: Command): Command[] => [command, ...command.commands.flatMap(treeOf)];

/** Everything commander says goes to our terminal, in its colours. */
function speakThrough(command: Command, { terminal }: World, mode: Mode): void {
  const { out, err } = terminal;
  command
    .exitOverride()
    .helpCommand(false)
    .helpOption('-h, --help', 'say what it does')
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      // Programs get it as a body.
      outputError: (text, write) =>
        mode === 'json' ? undefined : write(text.replace(/^error:/, err.paint('red', 'error:'))),
      getOutHelpWidth: () => out.columns() ?? 120,
      getErrHelpWidth: () => err.columns() ?? 120,
      getOutHasColors: () => out.isTerminal,
      getErrHasColors: () => err.isTerminal,
    })
    .configureHelp({
      showGlobalOptions: true,
      // The version is the program's own: beside each command it would only be in the way.
      visibleGlobalOptions: (one) => globalOptions(one).filter(({ long }) => long !== '--version'),
      styleTitle: (text) => out.paint('bold', text),
      styleCommandText: (text) => out.paint('cyan', text),
      styleSubcommandText: (text) => out.paint('cyan', text),
      styleOptionText: (text) => out.paint('cyan', text),
      styleArgumentText: (text) => out.paint('cyan', text),
    });
}

const globalOptions = ({ parent }: Command): Option[] => (parent ? [...parent.options, ...globalOptions(parent)] : []);

const about = `
Where the gateway is and who asks, the first that says so:
  flags, then HOLDFAST_URL, HOLDFAST_TOKEN, HOLDFAST_TOKEN_FILE, HOLDFAST_ORG_ID,
  then ~/.config/holdfast/config.yaml (url, token or token_file, org_id),
  then the installation of the checkout it is run in. "holdfast doctor" tells what it found.

Exit codes:
${exitTable()}

Examples:
  holdfast workspace create scout --wait
  holdfast workspace list --json | jq -r '.[].name'
  holdfast workspace pause scout --dry-run
  holdfast workspace history scout
  holdfast operation list --failed-today
  holdfast operation watch OPERATION
  holdfast sweep --dry-run
`;
