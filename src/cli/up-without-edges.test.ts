import assert from 'node:assert/strict'
import test from 'node:test'
import { ClusterUnderTest } from '../chaos/cluster-under-test-node.ts'

test('up without edges starts nodes that serve clients themselves, and each reaches what the other owns', async () => {
  const cluster = await ClusterUnderTest.start({ edges: 0, chats: 2 })
  try {
    assert.deepEqual(
      [...cluster.pids].map(([name, { role }]) => [name, role]),
      [
        ['n1', 'all'],
        ['n2', 'all'],
      ],
    )
    const [seat] = await cluster.seats(1)
    assert.ok(seat)
    const urls = cluster.socketAddresses.map((address) => address.replace(/^ws/, 'http').replace(/\/connect$/, ''))
    assert.equal(urls.length, 2)
    const seqs = []
    for (const [index, url] of urls.entries()) {
      const answer = await fetch(`${url}/api/conversations/${seat.conversation}/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${seat.visitor.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ key: `key-${index}`, text: 'hello' }),
      })
      assert.ok(answer.ok, `${url}: ${answer.status}`)
      seqs.push(((await answer.json()) as { seq: number }).seq)
    }
    assert.deepEqual(seqs, [seqs[0], Number(seqs[0]) + 1], 'one log, whoever is asked')
  } finally {
    await cluster.stop()
  }
})
