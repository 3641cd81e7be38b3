import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { readPfxChain, selfSigned } from '../config/certificate-chain-node.ts'
import type {
  CertificateAnswer,
  CertificateExportAnswer,
  CertificateImportAnswer,
} from '../protocol/certificate-answers.ts'
import { httpStage, staffToken } from './http-stage.ts'

const ADMIN = { authorization: `Bearer ${staffToken('admin')}` }
const NOW = new ManualClock().wallMs()
const HOST = 'chat.example.com'

async function stage() {
  const made = await selfSigned([HOST], NOW)
  const pem = [...made.chain, made.key].join('\n')
  const { app, audit } = await httpStage()
  const post = (path: string, payload: object) =>
    app.inject({ method: 'POST', url: `/api/certificate/${path}`, headers: ADMIN, payload })
  const get = async () => (await app.inject({ url: '/api/certificate', headers: ADMIN })).json<CertificateAnswer>()
  const acts = async () => (await audit.auditRows(0, 100)).map(({ body }) => (JSON.parse(body) as { act: string }).act)
  return { made, pem, app, post, get, acts, audit }
}

test('a certificate is imported, shown with its end and its faults, and every node says what it shows', async () => {
  const { pem, post, get, acts } = await stage()
  assert.deepEqual(await get(), {
    nodes: [
      { node: 'e1', tls: true, fingerprint: 'aa' },
      { node: 'n1', tls: true, fingerprint: 'aa' },
    ],
  })
  const tried = (await post('import', { pem, dryRun: true })).json<CertificateImportAnswer>()
  assert.equal(tried.stored, false)
  assert.equal((await get()).certificate, undefined)
  assert.deepEqual(await acts(), [], 'who only asks does nothing')

  const imported = (await post('import', { pem })).json<CertificateImportAnswer>()
  assert.equal(imported.stored, true)
  const { certificate } = await get()
  assert.deepEqual(certificate, imported.certificate)
  assert.deepEqual(certificate?.names, [HOST])
  assert.equal(certificate?.by, 'Ada')
  assert.equal(certificate?.daysLeft, 397)
  const { subject, issuer, endsAt, fingerprint } = certificate
  assert.deepEqual(certificate.chain, [{ subject, issuer, endsAt, fingerprint }])
  assert.deepEqual(certificate?.faults.length, 1)
  assert.deepEqual(await acts(), ['certificate.import'])
})

test('a certificate that clients would refuse is refused with every reason, and the present one stays', async () => {
  const { pem, post, get } = await stage()
  await post('import', { pem })
  const other = await selfSigned(['other.example.com'], NOW - 500 * 86_400_000)
  const stranger = await selfSigned([HOST], NOW)
  const refused = await post('import', { pem: other.chain.join('\n'), key: stranger.key })
  assert.equal(refused.statusCode, 422)
  assert.equal(refused.json().code, 'certificate-unfit')
  for (const reason of [/private key is not that of/, /not for chat\.example\.com/, /ended 103 days ago/])
    assert.match(refused.json().message, reason)
  for (const body of [{}, { pem: 'nothing' }, { pfx: 'AAAA' }, { pfx: 'AAAA', passphrase: 'x' }])
    assert.equal((await post('import', body)).json().code, 'certificate-unfit')
  assert.equal((await get()).certificate?.version, 1)
})

test('[SV103] a private key leaves only for who says so, under a passphrase, and no answer or record shows it', async () => {
  const { made, pem, post, get, audit } = await stage()
  assert.equal((await post('export', { format: 'pem' })).json().code, 'no-certificate')
  const brought = await post('import', { pem })
  const shown = (await post('export', { format: 'pem' })).json<CertificateExportAnswer>()
  assert.ok(!shown.content.includes('PRIVATE KEY'))
  for (const body of [
    { format: 'pem', privateKey: true },
    { format: 'pfx', privateKey: true },
    { format: 'pem', privateKey: true, passphrase: 'short' },
    { format: 'pfx' },
    { format: 'pfx', passphrase: 'long enough' },
  ])
    assert.equal((await post('export', body)).statusCode, 400, JSON.stringify(body))

  const passphrase = 'a canary of a passphrase'
  const sealed = (await post('export', { format: 'pem', privateKey: true, passphrase })).json<CertificateExportAnswer>()
  assert.match(sealed.content, /BEGIN ENCRYPTED PRIVATE KEY/)
  const [, encrypted = ''] = /(-----BEGIN ENCRYPTED[\s\S]+)/.exec(sealed.content) ?? []
  const opened = createPrivateKey({ key: encrypted, passphrase }).export({ type: 'pkcs8', format: 'pem' })
  assert.equal(String(opened).trim(), made.key.trim())
  const pfx = (await post('export', { format: 'pfx', privateKey: true, passphrase })).json<CertificateExportAnswer>()
  const read = await readPfxChain(Buffer.from(pfx.content, 'base64'), passphrase)
  assert.ok(read.kind === 'read')
  assert.equal(read.key.trim(), made.key.trim())

  const again = await post('import', { pfx: pfx.content, passphrase })
  assert.equal(again.json<CertificateImportAnswer>().stored, true)
  const records = JSON.stringify(await audit.auditRows(0, 100))
  const secret = made.key.replaceAll(/-----.*-----|\n/g, '').slice(20, 80)
  for (const text of [brought.body, shown.content, again.body, JSON.stringify(await get()), records])
    assert.ok(!text.includes(secret) && !text.includes(passphrase))
})

test('an authority is asked only by who agrees to its terms, for names that can be proved', async () => {
  const { post, get, app } = await stage()
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ agreeTerms: false }, /agrees to its terms/],
    [{ agreeTerms: true, names: ['*.example.com'] }, /HTTP-01/],
    [{ agreeTerms: true, directory: 'http://ca.example/dir' }, /not what the protocol allows/],
    [{ agreeTerms: true, email: 'nobody' }, /not what the protocol allows/],
    [{ agreeTerms: true, names: ['a b'] }, /not what the protocol allows/],
    [{}, /not what the protocol allows/],
  ]
  for (const [body, sentence] of refusals) assert.match((await post('issue', body)).json().message, sentence)
  assert.equal((await get()).issue, undefined)
  assert.equal((await app.inject({ url: '/.well-known/acme-challenge/strange' })).statusCode, 404)
  assert.equal((await app.inject({ url: '/.well-known/acme-challenge/a%2e%2e' })).statusCode, 400)
})
