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
  notes: ['Exit code 1: a node is not live. Exit code 3: no node answered.'],
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
    `${cluster.openConversations} open conversations, ${counters.messages_appended ?? 0} messages, ${counters.adoptions ?? 0} adopted, ${counters.handovers ?? 0} handed over, ${counters.fenced_appends ?? 0} fenced appends`,
    ...cluster.damaged.map(({ conversation, reason }) => `Damaged: ${conversation}, ${reason}`),
  ]
}

export function nodeTable(nodes: readonly NodeRow[]): readonly string[] {
  const heading = ['node', 'role', 'state', 'mode', 'owns', 'attached', 'sockets', 'beat ms', 'address']
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
