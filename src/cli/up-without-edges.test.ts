import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ClusterUnderTest } from '../chaos/cluster-under-test-node.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'

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
    const urls = cluster.socketAddresses.map((address) => address.replace(/^ws/, 'http').replace(/\/connect$/, ''))
    assert.equal(urls.length, 2)
    const post = (url: string, path: string, token: string, body: object) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const admin = readFileSync(join(cluster.dataDir, 'admin.token'), 'utf8').trim()
    const opened = await post(urls[0] ?? '', '/api/conversations', admin, { name: 'Ada' })
    const { conversation, token } = (await opened.json()) as TokenAnswer
    const seqs = []
    for (const [index, url] of urls.entries()) {
      const message = { key: `key-${index}`, text: 'hello' }
      const answer = await post(url, `/api/conversations/${conversation}/messages`, token, message)
      assert.ok(answer.ok, `${url}: ${answer.status}`)
      seqs.push(((await answer.json()) as { seq: number }).seq)
    }
    assert.deepEqual(seqs, [seqs[0], Number(seqs[0]) + 1], 'one log, whoever is asked')
  } finally {
    await cluster.stop()
  }
})
