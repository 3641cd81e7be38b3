import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { silentLog } from '../base/log.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { chainFacts, factsOf, selfSigned } from '../config/certificate-chain-node.ts'
import { CertificateKeeper } from '../config/certificate-keeper.ts'
import { CertificateRenewer } from '../config/certificate-renewer-node.ts'
import { CertificateVault } from '../config/certificate-vault-node.ts'
import { stagedKeys } from '../config/private-keys-stage.ts'
import type { StoredSecrets } from '../config/stored-secrets.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { listenForRedirects } from './redirect-server-node.ts'
import { TlsFront } from './tls-front-node.ts'

// `npm test -- acme` runs this, and `npm test` does not: few machines have Pebble, and a test that skips proves nothing.
const INSTALL =
  'pebble must be here: apt-get install pebble, or go install github.com/letsencrypt/pebble/v2/cmd/pebble@latest'

interface Pebble {
  readonly directory: string
  end(): void
}

/** An authority of its own that looks for the answers to its challenges at `httpPort`. */
async function startPebble(httpPort: number): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pebble-'))
  const own = await selfSigned(['localhost'], Date.now())
  const [certificate, privateKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(certificate, own.chain.join('\n'))
  writeFileSync(privateKey, own.key)
  const [port, managementPort] = [await freePort(), await freePort()]
  const settings = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    ...{ certificate, privateKey, httpPort, tlsPort: await freePort() },
  }
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ pebble: settings }))
  setDefaultCACertificates([...getCACertificates('default'), ...own.chain])
  // Every third nonce is refused, as the busiest authority would.
  const env = { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '33' }
  const child: ChildProcess = spawn('pebble', ['-config', config, '-strict'], { env, stdio: 'ignore' })
  const spawned = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)])
  assert.ok(spawned, INSTALL)
  const directory = `https://localhost:${port}/dir`
  for (let answers = false; !answers && child.exitCode === null; )
    answers = await fetch(directory).then(
      (response) => response.ok,
      () => false,
    )
  assert.equal(child.exitCode, null, 'pebble runs')
  return {
    directory,
    end() {
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What of a node has to do with its certificate. */
async function nodeOf(node: string, documents: MemoryStore) {
  const keys = stagedKeys(documents)
  const vault = new CertificateVault({ documents, keys })
  const keeper = new CertificateKeeper({ clock, log: silentLog, vault })
  const renewer = new CertificateRenewer({ clock, log: silentLog, documents, keys, node, vault, keeper })
  const front = new TlsFront(await selfSigned(['localhost'], Date.now()))
  await keeper.start()
  keeper.onChange((certificate) => front.show(certificate))
  const server = front.serverFor((_request, response) => response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = (server.address() as AddressInfo).port
  const answerTo = (token: string) => renewer.challenges.answerTo(token)
  const plain = { host: '127.0.0.1', port: 0, publicUrl: '', httpsPort: () => port, answerTo, log: silentLog }
  const redirects = await listenForRedirects(plain)
  return {
    keeper,
    renewer,
    port,
    plainPort: redirects.port,
    async end() {
      keeper.stop()
      renewer.stop()
      await redirects.close()
      server.close()
    },
  }
}

/** The key of the account as the vault holds it. */
async function sealedAccountKey(documents: MemoryStore): Promise<string | undefined> {
  const { secrets } = JSON.parse((await documents.document('secrets'))?.body ?? '') as StoredSecrets
  return secrets.find(({ name }) => name.startsWith('key/acme-'))?.sealed
}

async function shownAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

test('[CF67] an authority proves the name at one node, another one ordered, and all show the certificate', async () => {
  const documents = new MemoryStore({ now: () => clock.wallMs() })
  const [orders, isAsked] = [await nodeOf('n1', documents), await nodeOf('n2', documents)]
  const end = () => Promise.all([orders.end(), isAsked.end()])
  const pebble = await startPebble(isAsked.plainPort).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const wish = async (name: string) => {
    const asked = { directory: pebble.directory, email: 'ops@example.com', names: [name], by: 'ada' }
    await orders.renewer.wish({ ...asked, at: clock.wallMs() })
    await orders.renewer.look()
    return orders.renewer.status()
  }
  try {
    assert.equal((await wish('localhost'))?.state, 'issued')
    const first = orders.keeper.certificate()
    assert.ok(first)
    assert.equal(first.source, 'issued')
    const facts = chainFacts(first)
    assert.deepEqual([facts.keyMatches, facts.linked], [true, [true]])
    await isAsked.keeper.refresh()
    const fingerprint = factsOf(first.chain[0] ?? '').fingerprint
    for (const { port } of [orders, isAsked]) assert.equal(await shownAt(port), fingerprint)

    const account = (await documents.document('acme'))?.body ?? ''
    const accountKey = () => sealedAccountKey(documents)
    const before = await accountKey()
    assert.ok(before !== undefined && !account.includes('PRIVATE KEY') && !account.includes('sealedKey'))
    const failed = await wish('nowhere.invalid')
    assert.equal(failed?.state, 'failed')
    assert.match(failed?.sentence ?? '', /nowhere\.invalid could not be proved/)
    assert.equal(orders.keeper.certificate()?.version, first.version, 'what was shown before is shown on')

    assert.equal((await wish('localhost'))?.state, 'issued')
    assert.equal(orders.keeper.certificate()?.version, first.version + 1)
    assert.equal(await accountKey(), before, 'one account for all')
    assert.deepEqual(JSON.parse((await documents.document('acme-challenges'))?.body ?? ''), { challenges: [] })
  } finally {
    pebble.end()
    await end()
  }
})
