import { pause } from '../base/clock.ts'
import type { ClusterAnswer, NodeActAnswer } from '../protocol/rest-answers.ts'
import type { DrainState } from '../server/node-facade.ts'
import { type AdminClient, adminClient, CLUSTER_OPTIONS } from './admin-client-node.ts'
import { progressBar } from './progress-bar-node.ts'
import { type Arguments, EXIT, JSON_OPTION, suggestion, UsageError, type Verb, type VerbIo } from './verb.ts'
import { nodeTable } from './verb-status.ts'

export const verb: Verb = {
  name: 'node',
  summary: 'Lists nodes, takes them out of service and back, moves conversations.',
  usage: [
    'node list',
    'node disable <name>',
    'node enable <name>',
    'node drain <name> [--finish] [--deadline 5m]',
    'node move <conversation> <to>',
  ],
  examples: [
    { command: 'holdfast node drain n2', does: 'n2 gives all its conversations to other nodes; no client notices.' },
    {
      command: 'holdfast node drain n2 --finish --deadline 1h',
      does: 'Waits until the conversations of n2 have ended by themselves.',
    },
    { command: 'holdfast node enable n2', does: 'n2 takes conversations again.' },
    { command: 'holdfast node move 0wzb8qxf4353x n3', does: 'Hands one conversation over to n3.' },
  ],
  options: {
    finish: { type: 'boolean', default: false, help: 'With drain: wait for the conversations to end, move none.' },
    deadline: { type: 'string', default: '60s', placeholder: 'time', help: 'With drain: how long it may take.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'A disabled node opens no new conversations; those that run go on. A draining node also gives its own away, answers 404 on /health/ready and asks its clients to go elsewhere. `node enable` undoes both.',
    'drain ends with 0 when the node is empty, with 1 when the deadline passed first.',
  ],
  run(args, io) {
    const act = args.word(0, 'What to do (list, disable, enable, drain, move)')
    const perform = ACTS[act]
    if (!perform) throw new UsageError(`node cannot "${act}".${suggestion(act, Object.keys(ACTS))}`)
    return perform(adminClient(args, io), args, io)
  },
}

type Perform = (client: AdminClient, args: Arguments, io: VerbIo) => Promise<number>

const ACTS: Readonly<Record<string, Perform>> = { list, disable: setMode, enable: setMode, drain, move }

async function list(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const { nodes } = await client.get<ClusterAnswer>('/api/cluster')
  for (const line of args.flag('json') ? [JSON.stringify({ nodes })] : nodeTable(nodes)) io.out(line)
  return EXIT.done
}

async function setMode(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const name = args.word(1, 'The name of the node')
  const answer = await client.post<NodeActAnswer>(`/api/cluster/nodes/${encodeURIComponent(name)}/${args.words[0]}`)
  io.out(args.flag('json') ? JSON.stringify(answer) : answer.sentence)
  return EXIT.done
}

const POLL_MS = 150

async function drain(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const name = args.word(1, 'The name of the node')
  const path = `/api/cluster/nodes/${encodeURIComponent(name)}/drain`
  await client.post(path, { finish: args.flag('finish'), deadlineMs: args.durationMs('deadline') })
  const bar = progressBar(`draining ${name}`)
  let state = await client.get<DrainState>(path)
  while (state.phase === 'running') {
    bar.update(state.total - state.left, state.total, `${state.left} left`)
    if (io.interrupted.aborted) {
      io.err(`The drain of ${name} goes on without us; \`holdfast node enable ${name}\` ends it.`)
      return EXIT.interrupted
    }
    await pause(io.clock, POLL_MS)
    state = await client.get<DrainState>(path)
  }
  bar.update(state.total - state.left, state.total, `${state.left} left`)
  bar.end()
  io.out(args.flag('json') ? JSON.stringify({ node: name, ...state }) : `${name}: ${state.sentence}`)
  return state.phase === 'empty' ? EXIT.done : EXIT.failed
}

async function move(client: AdminClient, args: Arguments, io: VerbIo): Promise<number> {
  const conversation = args.word(1, 'The conversation')
  const to = args.word(2, 'The node that shall own it')
  const { ownership } = await client.get<ClusterAnswer>('/api/cluster')
  const owner = ownership.find((row) => row.conversation === conversation)?.owner
  if (owner === undefined)
    throw new Error(`No node owns ${conversation}: it is unknown, closed, or at rest until somebody asks for it.`)
  const { moved } = await client.post<{ moved: boolean }>(`/api/cluster/nodes/${owner}/move`, { conversation, to })
  const sentence = moved
    ? `${to} owns ${conversation} now.`
    : `${conversation} stayed with ${owner}: ${to} did not take it.`
  io.out(args.flag('json') ? JSON.stringify({ conversation, from: owner, to, moved }) : sentence)
  return moved ? EXIT.done : EXIT.failed
}
