import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { WebSocket, WebSocketServer } from 'ws'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { factsOf, selfSigned } from '../config/certificate-chain-node.ts'
import { CertificateKeeper } from '../config/certificate-keeper.ts'
import { CertificateVault } from '../config/certificate-vault-node.ts'
import { stagedKeys } from '../config/private-keys-stage.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { isLoopback, ownUrlOf, publicHosts, speaksTls } from './public-addresses.ts'
import { listenForRedirects } from './redirect-server-node.ts'
import { TlsFront } from './tls-front-node.ts'

/** A node as far as its clients see: it echoes, and follows the certificate of the cluster. */
async function echoNode(clock: ManualClock, documents: MemoryStore) {
  const keeper = new CertificateKeeper({
    clock,
    log: silentLog,
    vault: new CertificateVault({ documents, keys: stagedKeys(documents) }),
  })
  await keeper.start()
  const first = keeper.certificate()
  assert.ok(first)
  const front = new TlsFront(first)
  keeper.onChange((certificate) => front.show(certificate))
  const server = front.serverFor((_request, response) => response.end('hello'))
  const sockets = new WebSocketServer({ server: server as never })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      keeper.stop()
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Who shows something else than `ca` is not connected to, where one is given. */
async function shownAt(port: number, ca?: string): Promise<string> {
  const trust = ca === undefined ? { rejectUnauthorized: false } : { ca }
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername: 'localhost', ...trust })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

async function echoed(socket: WebSocket, text: string): Promise<string> {
  socket.send(text)
  const [data] = await once(socket, 'message')
  return String(data)
}

test('[SV100] a new certificate is shown by all nodes within two seconds, and no open socket notices', async () => {
  const clock = new ManualClock()
  const documents = new MemoryStore({ now: () => clock.wallMs() })
  const vault = new CertificateVault({ documents, keys: stagedKeys(documents) })
  const [one, other] = [await selfSigned(['localhost'], Date.now()), await selfSigned(['localhost'], Date.now())]
  const told = { source: 'imported', by: 'ada', at: 1 } as const
  assert.ok(await vault.store({ ...one, ...told }, 0))
  const nodes = [await echoNode(clock, documents), await echoNode(clock, documents)]
  const [first = '', second = ''] = [one.chain[0], other.chain[0]]
  const sockets = nodes.map(({ port }) => new WebSocket(`wss://localhost:${port}`, { ca: first, family: 4 }))
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    for (const { port } of nodes) assert.equal(await shownAt(port, first), factsOf(first).fingerprint)

    assert.ok(await vault.store({ ...other, ...told }, 1))
    await clock.advance(2000)
    // The box that seals the key derives it on another thread; the nodes show the new one once it is open.
    for (const { port } of nodes) {
      let shown = ''
      while (shown !== factsOf(second).fingerprint) shown = await shownAt(port)
    }
    for (const socket of sockets) {
      assert.equal(await echoed(socket, 'still here'), 'echo still here')
      assert.equal(socket.readyState, WebSocket.OPEN)
    }
    for (const { port } of nodes) {
      assert.equal(await shownAt(port, second), factsOf(second).fingerprint)
      await assert.rejects(shownAt(port, first), 'nobody sees the old one any more')
    }
  } finally {
    for (const socket of sockets) socket.terminate()
    for (const node of nodes) await node.close()
  }
})

test('[SV101] plain HTTP is spoken only where nobody can listen in, or where the operator said so', () => {
  const settings = { tls: 'auto', host: '0.0.0.0', allowPlainHttp: false } as const
  assert.equal(speaksTls(settings), true)
  assert.equal(speaksTls({ ...settings, host: '10.1.2.3' }), true)
  assert.equal(speaksTls({ ...settings, allowPlainHttp: true }), false)
  for (const host of ['127.0.0.1', '127.8.9.10', 'localhost', '::1']) {
    assert.equal(speaksTls({ ...settings, host }), false)
    assert.equal(speaksTls({ ...settings, host, tls: 'on' }), true)
  }
  assert.equal(speaksTls({ ...settings, allowPlainHttp: true, tls: 'on' }), true)
  for (const host of ['127.0.0.1.example.com', '::', '0.0.0.0', '12.7.0.1', '']) assert.equal(isLoopback(host), false)
  assert.equal(ownUrlOf('chat-1', 8400, true), 'https://chat-1:8400')
  const addresses = ['https://two.example.com', 'http://three.example.com', 'https://[2001:db8::1]:9000']
  assert.deepEqual(publicHosts({ publicUrl: 'https://chat.example.com', addresses }), [
    ...['chat.example.com', 'two.example.com', '2001:db8::1'],
  ])
})

test('[SV102] the plain port answers authorities, sends everybody else to HTTPS, and says nothing else', async () => {
  const options = { host: '127.0.0.1', port: 0, httpsPort: () => 8443, log: silentLog }
  const answerTo = async (token: string) => {
    if (token === 'away') throw new Error('the store is away')
    return token === 'known' ? 'known.thumbprint' : undefined
  }
  const named = await listenForRedirects({ ...options, publicUrl: 'https://chat.example.com', answerTo })
  const unnamed = await listenForRedirects({ ...options, publicUrl: '', answerTo })
  const ask = (port: number, path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init })
  try {
    const challenge = '/.well-known/acme-challenge/'
    assert.equal(await (await ask(named.port, `${challenge}known`)).text(), 'known.thumbprint')
    assert.equal((await ask(named.port, `${challenge}strange`)).status, 404)
    assert.equal((await ask(named.port, `${challenge}away`)).status, 503)
    const sent = await ask(named.port, '/agent?x=1', { method: 'POST', body: 'x' })
    assert.equal(sent.status, 308)
    assert.equal(sent.headers.get('location'), 'https://chat.example.com/agent?x=1')
    assert.equal((await ask(unnamed.port, '/')).headers.get('location'), 'https://127.0.0.1:8443/')
  } finally {
    await named.close()
    await unnamed.close()
  }
})
