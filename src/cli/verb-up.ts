import { readFileSync } from 'node:fs'
import { silentLog } from '../base/log.ts'
import { createPinoLog } from '../ops/pino-log-node.ts'
import { type Cluster, type NodeEvent, startCluster } from '../server/supervisor-node.ts'
import { AdminClient, trust } from './admin-client-node.ts'
import { controlCluster } from './cluster-control.ts'
import { openDemoConversations } from './demo-conversations.ts'
import { type Arguments, EXIT, JSON_OPTION, UsageError, type Verb, type VerbIo } from './verb.ts'

export const verb: Verb = {
  name: 'up',
  summary: 'Runs a whole cluster on this machine: database, two edges, three chat nodes, pages.',
  usage: ['up [--nodes 3] [--edges 2] [--port 8400] [--data .holdfast] [--database <url>]', 'up --json --control'],
  examples: [
    { command: 'holdfast up', does: 'Starts everything and prints what to open and what to try. Ctrl-C ends it.' },
    { command: 'holdfast up --nodes 5 --port 9000', does: 'Five chat nodes; the edges listen on 9000 and 9001.' },
    { command: 'holdfast up --database postgres://user:password@db/holdfast', does: 'On a PostgreSQL of your own.' },
  ],
  options: {
    nodes: { type: 'string', default: '3', placeholder: 'number', help: 'Chat nodes: n1, n2, ...' },
    edges: {
      type: 'string',
      default: '2',
      placeholder: 'number',
      help: 'Edges: e1, e2, ...; 0: chat nodes serve clients.',
    },
    port: {
      type: 'string',
      default: '8400',
      placeholder: 'number',
      help: 'Port of the first edge, the others follow; 0 takes free ones.',
    },
    host: { type: 'string', default: '127.0.0.1', placeholder: 'address', help: 'Address on which the nodes listen.' },
    data: {
      type: 'string',
      default: '.holdfast',
      placeholder: 'directory',
      help: 'Database, secret, tokens and logs.',
    },
    database: { type: 'string', placeholder: 'url', help: 'PostgreSQL of your own; absent: the embedded one.' },
    'database-port': {
      type: 'string',
      placeholder: 'number',
      help: 'Port of the embedded database; absent: a free one.',
    },
    'node-settings': {
      type: 'string',
      placeholder: 'file',
      help: 'Settings of single nodes: JSON, {"n1": {"HOLDFAST_LOG_LEVEL": "debug"}}.',
    },
    'no-restart': { type: 'boolean', default: false, help: 'Leave a node that ended as it is.' },
    'no-demo': { type: 'boolean', default: false, help: 'Open no demo conversations and make no demo accounts.' },
    'log-text': { type: 'boolean', default: false, help: 'Let the nodes log message texts.' },
    control: { type: 'boolean', default: false, help: 'Take commands from standard input, one JSON object per line.' },
    json: { ...JSON_OPTION, help: 'Print one JSON line when the cluster is ready, then one for each event.' },
  },
  notes: [
    [
      'With --control each line of standard input is one command, answered by one line {"done":<verb>} or {"error":<sentence>}:',
      '  {"verb":"kill","node":"n1","signal":"SIGKILL"}   a signal to a node (SIGKILL where absent)',
      '  {"verb":"pause","node":"n1","ms":2000}           SIGSTOP, and SIGCONT after that time',
      '  {"verb":"nodes"}                                 answers the nodes with their present pids',
      '  {"verb":"restart-database"}                      SIGKILL to the embedded database, and start it again',
      '  {"verb":"stop"}                                  ends the cluster; so does the end of standard input',
    ].join('\n'),
    [
      'The line when ready: {"event":"up","urls":[...],"publicUrl":...,"adminToken":...,"agentToken":...,"accounts":[{"name","password"}],"database":...,"nodes":[{"name","role","pid","url"}]}.',
      'Events: {"event":"ready"|"exit","node":...,"pid":...,"sentence":...}.',
    ].join('\n'),
    'Logs lie in <data>/logs, one file per node. Other verbs find this cluster by <data>/cluster.json.',
  ],
  async run(args, io) {
    const json = args.flag('json')
    if (!json) io.err('Starting the database and the nodes ...')
    const cluster = await startCluster(optionsFrom(args, io))
    if (cluster.certificateFile !== undefined) trust(undefined, cluster.certificateFile)
    try {
      if (!args.flag('no-demo')) await demo(cluster, io)
      if (json) io.out(JSON.stringify(readyLine(cluster)))
      else for (const line of welcome(cluster, args)) io.out(line)
      await ended(cluster, args, io)
    } finally {
      if (!json) io.err('Stopping ...')
      await cluster.stop()
    }
    return EXIT.done
  },
}

function optionsFrom(args: Arguments, io: VerbIo): Parameters<typeof startCluster>[0] {
  const database = args.text('database') ?? io.env.HOLDFAST_DATABASE
  const databasePort = args.number('database-port', { absent: 0, max: 65_000 })
  const json = args.flag('json')
  const tell = ({ event, node, pid, sentence }: NodeEvent) => {
    if (json) io.out(JSON.stringify({ event, node, pid, sentence }))
    else if (event === 'exit') io.err(sentence)
  }
  return {
    dataDir: args.text('data') ?? '.holdfast',
    chats: args.number('nodes', { min: 1, max: 50 }),
    edges: args.number('edges', { max: 20 }),
    port: args.number('port', { max: 65_000 }),
    host: args.text('host') ?? '127.0.0.1',
    ...(database && { database }),
    demoAccounts: !args.flag('no-demo'),
    restart: !args.flag('no-restart'),
    ...(databasePort > 0 && { databasePort }),
    env: nodeEnvironment(args, io),
    nodeEnv: singleNodes(args),
    log: io.env.HOLDFAST_DEBUG ? createPinoLog({ node: 'up', level: 'debug', logText: false }) : silentLog,
    onNode: tell,
    onDatabaseWait: (sentence) => io.err(sentence),
  }
}

/** Settings in the environment reach every node, except those that `up` gives each its own. */
function nodeEnvironment(args: Arguments, io: VerbIo): Readonly<Record<string, string>> {
  const given = Object.entries(io.env).filter(
    (entry): entry is [string, string] => entry[0].startsWith('HOLDFAST_') && entry[1] !== undefined,
  )
  return { ...Object.fromEntries(given), ...(args.flag('log-text') && { HOLDFAST_LOG_TEXT: 'true' }) }
}

function singleNodes(args: Arguments): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const file = args.text('node-settings')
  if (file === undefined) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`--node-settings ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function demo(cluster: Cluster, io: VerbIo): Promise<void> {
  try {
    const tokens = { admin: cluster.adminToken, agent: cluster.agentToken }
    await openDemoConversations((token) => new AdminClient(cluster.clientUrls, token), tokens)
  } catch (error) {
    io.err(`The demo conversations were not opened: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readyLine(cluster: Cluster) {
  const { clientUrls: urls, publicUrl, adminToken, agentToken, accounts, database, nodes } = cluster
  return { event: 'up', urls, publicUrl, adminToken, agentToken, accounts, database, nodes }
}

function welcome(cluster: Cluster, args: Arguments): readonly string[] {
  const { publicUrl, agentToken, adminToken, accounts, nodes } = cluster
  const data = args.text('data') === '.holdfast' ? '' : ` --data ${args.text('data')}`
  return [
    '',
    `Holdfast is up: ${nodes.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`,
    '',
    `  Visitor   ${publicUrl}/`,
    `  Agent     ${publicUrl}/agent#token=${agentToken}`,
    `  Console   ${publicUrl}/console/cluster#token=${adminToken}`,
    '',
    ...accounts.map(({ name, password }) => `  Sign in at ${publicUrl}/sign-in as ${name.padEnd(10)}  ${password}`),
    ...(accounts.length > 0 ? [''] : []),
    'Open the first two side by side, chat, and then kill a server while you type:',
    '',
    `  holdfast status${data}                  who owns what`,
    `  kill -9 ${`${nodes.find(({ role }) => role !== 'edge')?.pid}`.padEnd(8)}                  a chat node dies; watch the pages`,
    `  holdfast node drain n2${data}           n2 gives its conversations away`,
    `  holdfast doctor${data}                  is everything as it should be`,
    `  holdfast help                    everything else`,
    '',
    'Ctrl-C ends everything.',
  ]
}

/** Resolves when somebody wants the cluster to end. */
async function ended(cluster: Cluster, args: Arguments, io: VerbIo): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    if (io.interrupted.aborted) resolve()
    else io.interrupted.addEventListener('abort', () => resolve(), { once: true })
  })
  await (args.flag('control') ? Promise.race([interrupted, controlCluster(cluster, io)]) : interrupted)
}
