import 'reflect-metadata'
import assert from 'node:assert/strict'
import test from 'node:test'
import * as x509 from '@peculiar/x509'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { AcmeFault } from './acme-client-node.ts'
import { selfSigned } from './certificate-chain-node.ts'
import { CertificateKeeper } from './certificate-keeper.ts'
import { CertificateRenewer } from './certificate-renewer-node.ts'
import { CertificateVault } from './certificate-vault-node.ts'
import { stagedKeys } from './private-keys-stage.ts'

const DAY_MS = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** An authority that signs what it is asked for, once it has seen the answers to its challenges. */
function authorityOf(clock: ManualClock) {
  const keys = crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const seen = {
    orders: 0,
    accounts: [] as string[],
    refuse: '',
    asked: undefined as (() => Promise<void>) | undefined,
  }
  const authority = (_directory: string, accountKey: string) => ({
    register: async () => void seen.accounts.push(accountKey),
    async order(
      names: readonly string[],
      steps: {
        publish: (challenges: readonly { token: string; keyAuthorization: string }[]) => Promise<void>
        request: () => Promise<Uint8Array>
      },
    ) {
      seen.orders += 1
      await steps.publish([{ token: `token-${seen.orders}`, keyAuthorization: `token-${seen.orders}.thumb` }])
      await seen.asked?.()
      if (seen.refuse) throw new AcmeFault(seen.refuse)
      const request = new x509.Pkcs10CertificateRequest((await steps.request()) as Uint8Array<ArrayBuffer>)
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: '02',
        notBefore: new Date(clock.wallMs() - 1000),
        notAfter: new Date(clock.wallMs() + 90 * DAY_MS),
        subject: `CN=${names[0]}`,
        issuer: 'CN=Authority',
        publicKey: await request.publicKey.export(),
        signingKey: (await keys).privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
      })
      return certificate.toString('pem')
    },
  })
  return { authority, seen }
}

/** `secretOfOne`: by which the first node opens the vault. */
function stage(secretOfOne?: string) {
  const clock = new ManualClock()
  const documents = new MemoryStore({ now: () => clock.wallMs() })
  const { authority, seen } = authorityOf(clock)
  const nodes = ['n1', 'n2'].map((node) => {
    const keys = stagedKeys(documents, node === 'n1' ? secretOfOne : undefined)
    const vault = new CertificateVault({ documents, keys })
    const keeper = new CertificateKeeper({ clock, log: silentLog, vault })
    const ports = { clock, log: silentLog, documents, keys, node, vault, keeper, authority }
    return { keys, vault, keeper, renewer: new CertificateRenewer(ports) }
  })
  const [one, two] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  const wish = () => ({
    ...{ directory: 'https://ca.example/dir', email: 'ada@example.com', names: ['chat.example.com'], by: 'ada' },
    at: clock.wallMs(),
  })
  /** Both nodes look at the same moment. */
  const look = async () => {
    for (const { keeper } of nodes) await keeper.refresh()
    await Promise.all(nodes.map(({ renewer }) => renewer.look()))
    for (const { keeper } of nodes) await keeper.refresh()
  }
  return { clock, seen, one, two, wish, look }
}

test('[CF66] of nodes that look at the same time one has the certificate issued, and all show it', async () => {
  const { one, two, seen, wish, look } = stage()
  await one.renewer.wish(wish())
  await look()
  assert.equal(seen.orders, 1)
  for (const { keeper } of [one, two]) {
    assert.equal(keeper.certificate()?.source, 'issued')
    assert.equal(keeper.certificate()?.by, 'ca.example')
  }
  assert.equal((await two.renewer.status())?.state, 'issued')
})

test('[CF66] a node that cannot open the vault leaves the certificate to one that can, at once', async () => {
  const { one, two, seen, wish } = stage('another secret')
  await two.keys.keep('key/token-1', 'PRIVATE')
  await one.renewer.wish(wish())
  await one.renewer.look()
  assert.deepEqual([seen.orders, (await two.renewer.status())?.state], [0, 'waiting'])
  await two.renewer.look()
  assert.deepEqual([seen.orders, (await two.renewer.status())?.state], [1, 'issued'])
})

test('[CF67] a challenge that one node published is answered by every other one until the order is over', async () => {
  const { one, two, seen, wish, look } = stage()
  const answers: (string | undefined)[] = []
  seen.asked = async () => {
    answers.push(await two.renewer.challenges.answerTo('token-1'), await two.renewer.challenges.answerTo('token-2'))
  }
  await one.renewer.wish(wish())
  await look()
  assert.deepEqual(answers, ['token-1.thumb', undefined])
  assert.equal(await two.renewer.challenges.answerTo('token-1'), undefined)
})

test('[CF66] what an authority refuses is told and tried again after a pause, with the same account', async () => {
  const { clock, one, seen, wish, look } = stage()
  seen.refuse = 'chat.example.com could not be proved.'
  await one.renewer.wish(wish())
  await look()
  const status = await one.renewer.status()
  assert.equal(status?.state, 'failed')
  assert.match(status?.sentence ?? '', /next one is in 15 minutes\. chat\.example\.com could not be proved/)
  await look()
  assert.equal(seen.orders, 1)
  seen.refuse = ''
  await clock.advance(15 * 60_000)
  await look()
  assert.equal((await one.renewer.status())?.state, 'issued')
  assert.equal(seen.orders, 2)
  assert.equal(new Set(seen.accounts).size, 1)
})

test('[CF66] a certificate is renewed in its last third; one that was imported since is left alone', async () => {
  const { clock, one, seen, wish, look } = stage()
  await one.renewer.wish(wish())
  await look()
  await clock.advance(59 * DAY_MS)
  await look()
  assert.equal(seen.orders, 1)
  await clock.advance(2 * DAY_MS)
  await look()
  assert.equal(seen.orders, 2)
  assert.equal(one.keeper.certificate()?.version, 2)
  const brought = await selfSigned(['chat.example.com'], clock.wallMs())
  assert.ok(await one.vault.store({ ...brought, source: 'imported', by: 'eve', at: clock.wallMs() }, 2))
  await clock.advance(396 * DAY_MS)
  await look()
  assert.equal(seen.orders, 2)
})

test('[CF66] a certificate that somebody imports during an order holds', async () => {
  const { clock, one, seen, wish, look } = stage()
  seen.asked = async () => {
    const brought = await selfSigned(['chat.example.com'], clock.wallMs())
    await one.vault.store({ ...brought, source: 'imported', by: 'eve', at: clock.wallMs() }, 0)
  }
  await one.renewer.wish(wish())
  await look()
  assert.equal(one.keeper.certificate()?.by, 'eve')
  assert.match((await one.renewer.status())?.sentence ?? '', /was imported since; it is not replaced/)
  await clock.advance(DAY_MS)
  await look()
  assert.equal(seen.orders, 1)
})
