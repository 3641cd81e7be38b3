import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { realClock } from '../base/real-clock-node.ts'
import type { ClusterAnswer } from '../protocol/rest-answers.ts'
import { runVerb } from './verb-stage.ts'

const node: ClusterAnswer['nodes'][number] = {
  name: 'n1',
  role: 'chat',
  mode: 'enabled',
  state: 'live',
  incarnation: 'i',
  version: '1',
  beatAgeMs: 12,
  owned: 1,
  attached: 3,
  sockets: 0,
  supervised: false,
}

const answer: ClusterAnswer = {
  node: 'n1',
  version: '1',
  publicUrl: 'http://chat.example',
  at: 1,
  nodes: [node],
  ownership: [
    { conversation: '0000000000001', epoch: 2, owner: 'n1' },
    { conversation: '0000000000002', epoch: 1 },
    { conversation: '0000000000003', epoch: 1 },
  ],
  openConversations: 3,
  damaged: [{ conversation: '0000000000003', reason: 'its log ends at 2, its head is at 3' }],
  counters: {},
  acts: [],
}

test('[CI6] status tells conversations at rest from owned ones, and which are damaged', async (context) => {
  let answered = answer
  const server = createServer((_request, response) => response.end(JSON.stringify(answered))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const status = async () =>
    (await runVerb(['status', '--url', url, '--token', 't'], { clock: realClock })).out.join('\n')
  const said = await status()
  assert.match(said, /owns +looked at/)
  assert.match(said, /^3 open conversations \(2 at rest\), /m)
  assert.match(said, /^Damaged: 0000000000003, its log ends at 2, its head is at 3$/m)
  answered = { ...answer, openConversations: 700, damaged: [] }
  const more = await status()
  assert.match(more, /^700 open conversations \(of the latest 3, 2 at rest\), /m)
  assert.doesNotMatch(more, /Damaged/)
})
