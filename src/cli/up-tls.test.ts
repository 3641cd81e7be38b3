import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { connect as connectTls } from 'node:tls'
import { silentLog } from '../base/log.ts'
import { factsOf, selfSigned } from '../config/certificate-chain-node.ts'
import type { CertificateAnswer } from '../protocol/certificate-answers.ts'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import { startCluster } from '../server/supervisor-node.ts'
import { connect } from '../web/connection/connect.ts'
import { AdminClient, trust } from './admin-client-node.ts'

// What every node must have heard of within two seconds, and time for this test to notice it on a busy machine.
const HEARD_MS = 5000

async function shownAt(url: string): Promise<string> {
  const port = Number(new URL(url).port)
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

test('[SV100] people talk on over an open socket while all nodes of a real cluster change their certificate', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
  const cluster = await startCluster({
    ...{ dataDir, edges: 0, chats: 2, port: 0, host: '127.0.0.1', restart: false, log: silentLog },
    env: { HOLDFAST_TLS: 'on' },
  })
  const client = new AdminClient(cluster.clientUrls, cluster.adminToken)
  let connection: ReturnType<typeof connect> | undefined
  try {
    const [first = '', second = ''] = cluster.clientUrls
    assert.ok(first.startsWith('https:') && cluster.certificateFile)
    trust(undefined, cluster.certificateFile)
    await assert.rejects(fetch(first.replace('https:', 'http:')), 'nothing is said in the clear')

    const { conversation = '', token } = await client.post<TokenAnswer>('/api/conversations', { name: 'Ada' })
    const states: string[] = []
    connection = connect({ addresses: [`${first.replace('https', 'wss')}/connect`], token: async () => token })
    connection.onState.listen((state) => states.push(state))
    const handle = connection.conversation(conversation)
    assert.equal((await handle.send({ type: 'message', text: 'before', format: 'text' }).settled).kind, 'ack')
    assert.deepEqual(states, ['online'])

    const made = await selfSigned(['localhost'], Date.now())
    const importedAtMs = performance.now()
    await client.post('/api/certificate/import', { pem: [...made.chain, made.key].join('\n') })
    const wanted = factsOf(made.chain[0] ?? '').fingerprint
    for (const url of [first, second]) while ((await shownAt(url)) !== wanted);
    assert.ok(performance.now() - importedAtMs < HEARD_MS, `${Math.round(performance.now() - importedAtMs)} ms`)

    assert.equal((await handle.send({ type: 'message', text: 'after', format: 'text' }).settled).kind, 'ack')
    assert.deepEqual(states, ['online'], 'the same socket all the time')
    trust(undefined, cluster.certificateFile)
    const { certificate, nodes } = await client.get<CertificateAnswer>('/api/certificate')
    assert.equal(certificate?.source, 'imported')
    assert.deepEqual(
      nodes,
      ['n1', 'n2'].map((node) => ({ node, tls: true, fingerprint: wanted })),
    )
  } finally {
    connection?.close()
    await cluster.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
