import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits } from '../base/ids.ts'
import { type ClusterStage, clusterStage, open, visitor } from './cluster-stage.ts'
import type { HoldfastNode } from './holdfast-node.ts'

const IDS = Array.from({ length: 12 }, (_, index) => idFromBits(BigInt(9000 + index)))

/** Open conversations on a node, as an operator of the old days reads them. */
function balance(node: HoldfastNode): number {
  const { session_created: created, session_closed: closed } = node.status().counters
  return created - closed
}

const openOn = (node: HoldfastNode) => node.owned().filter(({ status }) => status === 'open').length
const chats = (stage: ClusterStage) => ['n1', 'n2', 'n3'].map((name) => stage.node(name))

function assertBalanced(nodes: readonly HoldfastNode[], when: string): void {
  for (const node of nodes) assert.equal(balance(node), openOn(node), `${node.self().node} ${when}`)
}

async function spoken(stage: ClusterStage, ids = IDS): Promise<void> {
  for (const id of ids) void stage.node('e1').conversations.submit(id, open)
  await stage.clock.advance(500)
}

test('[SV80] created minus closed is what is open on a node, wherever conversations go', async () => {
  const stage = await clusterStage()
  await spoken(stage)
  assertBalanced(chats(stage), 'after they were opened')
  const total = () => chats(stage).reduce((sum, node) => sum + balance(node), 0)
  assert.equal(total(), IDS.length)

  const [first] = IDS
  assert.ok(first)
  const owner = await stage.store.ownerOf(first)
  const to = owner?.node === 'n1' ? 'n2' : 'n1'
  const moving = stage.node(owner?.node ?? '').move(first, to)
  await stage.clock.advance(500)
  assert.equal(await moving, true)
  assertBalanced(chats(stage), 'after a move')

  void stage
    .node('e1')
    .conversations.submit(first, { sender: visitor, key: 'bye', command: { type: 'close', reason: 'by-visitor' } })
  await stage.clock.advance(500)
  assertBalanced(chats(stage), 'after a close')
  assert.equal(total(), IDS.length - 1)
})

test('[SV80] a node that was drained has closed what it created, and one that gave all to the dead has, too', async () => {
  const stage = await clusterStage()
  await spoken(stage)
  const node = stage.node('n1')
  assert.ok(balance(node) > 0, 'it owned something')
  const drained = node.drain({ deadlineMs: 10_000, finish: false })
  await stage.clock.advance(3000)
  assert.equal((await drained).left, 0)
  assert.equal(balance(node), 0)
  assertBalanced(chats(stage), 'after a drain')
  assert.equal(balance(stage.node('n2')) + balance(stage.node('n3')), IDS.length)

  await stage.kill(stage.node('n2'))
  await stage.clock.advance(5000)
  assert.equal(balance(stage.node('n3')), IDS.length, 'what was adopted came to the adopter')
})
