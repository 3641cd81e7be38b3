import type { ClusterAnswer, NodeRow } from '../protocol/rest-answers.ts'
import { adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { textTable } from './text-table.ts'
import { EXIT, JSON_OPTION, type Verb } from './verb.ts'

export const verb: Verb = {
  name: 'status',
  summary: 'Shows nodes, conversations and numbers of a running cluster.',
  usage: ['status [--url <url> --token <token>]'],
  examples: [
    { command: 'holdfast status', does: 'The cluster that `holdfast up` runs here.' },
    { command: 'holdfast status --url https://chat.example.com --json', does: 'Any cluster, for a script.' },
  ],
  options: { ...CLUSTER_OPTIONS, json: JSON_OPTION },
  notes: [
    'owns: conversations in the hands of the node, open ones and such as closed lately. looked at: those that its clients look at, whoever owns them. An open conversation that nobody looks at rests in the store, owned by no node.',
    'Exit code 1: a node is not live. Exit code 3: no node answered.',
  ],
  async run(args, io) {
    const cluster = await adminClient(args, io).get<ClusterAnswer>('/api/cluster')
    for (const line of args.flag('json') ? [JSON.stringify(cluster)] : describe(cluster)) io.out(line)
    return cluster.nodes.every(({ state }) => state === 'live') ? EXIT.done : EXIT.failed
  },
}

function describe(cluster: ClusterAnswer): readonly string[] {
  const { counters } = cluster
  return [
    `${cluster.publicUrl}, Holdfast ${cluster.version}, as ${cluster.node} sees it`,
    '',
    ...nodeTable(cluster.nodes),
    '',
    `${openOnes(cluster)}, ${counters.messages_appended ?? 0} messages, ${counters.adoptions ?? 0} adopted, ${counters.handovers ?? 0} handed over, ${counters.fenced_appends ?? 0} fenced appends`,
    ...cluster.damaged.map(({ conversation, reason }) => `Damaged: ${conversation}, ${reason}`),
  ]
}

/** How many are open, and how many of those no node owns: the two need not add up to what the nodes own. */
function openOnes({ openConversations, ownership }: ClusterAnswer): string {
  const resting = ownership.filter(({ owner }) => owner === undefined).length
  const shown = ownership.length < openConversations ? `of the latest ${ownership.length}, ` : ''
  return `${openConversations} open conversations (${shown}${resting} at rest)`
}

export function nodeTable(nodes: readonly NodeRow[]): readonly string[] {
  const heading = ['node', 'role', 'state', 'mode', 'owns', 'looked at', 'sockets', 'beat ms', 'address']
  const rows = nodes.map((node) => [
    node.name,
    node.role,
    node.state,
    node.mode,
    node.owned,
    node.attached,
    node.sockets,
    node.beatAgeMs,
    node.url ?? '',
  ])
  return textTable(heading, rows)
}
