import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { createSecureContext } from 'node:tls'
import * as x509 from '@peculiar/x509'
import {
  certificateRequest,
  chainFacts,
  encryptedKey,
  factsOf,
  readPem,
  selfSigned,
  tlsRefusal,
} from './certificate-chain-node.ts'
import { judgeCertificate } from './certificate-decision.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

interface Party {
  readonly name: string
  readonly keys: CryptoKeyPair
  readonly pem: string
}

/** A certificate of `issuer`, or one that signed itself. */
async function party(name: string, issuer?: Party): Promise<Party> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '01',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 90 * DAY_MS),
    subject: `CN=${name}`,
    issuer: `CN=${issuer?.name ?? name}`,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(!name.includes('.'), undefined, true),
      ...(name.includes('.') ? [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])] : []),
    ],
  })
  return { name, keys, pem: certificate.toString('pem') }
}

async function keyOf({ keys }: Party): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
}

const root = await party('Root')
const between = await party('Between', root)
const own = await party('chat.example.com', between)
const stranger = await party('Stranger')
const key = await keyOf(own)

test('[CF60] PEM in any order is put right, and what was put right is told', async () => {
  const straight = readPem([own.pem, between.pem, root.pem, key].join('\n'))
  assert.ok(straight.kind === 'read')
  assert.deepEqual(straight.notes, [])
  createSecureContext({ cert: straight.chain.join('\n'), key: straight.key })

  const crooked = readPem([key, root.pem, stranger.pem, own.pem, between.pem].join('\n'))
  assert.ok(crooked.kind === 'read')
  assert.deepEqual(crooked.chain, straight.chain)
  assert.deepEqual(crooked.notes, [
    'The certificates stood in another order and were put right.',
    'The certificate of CN=Stranger signed nothing of the rest and was left out.',
  ])
})

test('[CF60] encrypted keys, RSA keys and keys of old forms are read; what cannot be read is told', () => {
  const sealed = encryptedKey(key, 'a passphrase')
  assert.match(sealed, /BEGIN ENCRYPTED PRIVATE KEY/)
  const read = readPem(`${own.pem}\n${sealed}`, 'a passphrase')
  assert.ok(read.kind === 'read')
  assert.equal(chainFacts(read).keyMatches, true)
  const sec1 = createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString()
  assert.ok(readPem(`${own.pem}\n${sec1}`).kind === 'read')

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rsa = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const other = readPem(`${own.pem}\n${rsa}`)
  assert.ok(other.kind === 'read')
  assert.equal(chainFacts(other).keyMatches, false)

  const faults: readonly (readonly [string, string | undefined, RegExp])[] = [
    ['nothing', undefined, /no certificate/],
    [own.pem, undefined, /no private key/],
    [`${own.pem}\n${sealed}`, undefined, /encrypted, and no passphrase/],
    [`${own.pem}\n${sealed}`, 'wrong', /passphrase is wrong/],
    [`${own.pem.replace(/\n[\w+/]{20}/, '\nAAAAAAAAAAAAAAAAAAAA')}\n${key}`, undefined, /certificate in it is damaged/],
  ]
  for (const [text, passphrase, sentence] of faults) {
    const refused = readPem(text, passphrase)
    assert.ok(refused.kind === 'unreadable', text.slice(0, 40))
    assert.match(refused.sentence, sentence)
  }
})

test('[CF62] facts of a chain: who signed whom, whose key it is, whether its end is known here', async () => {
  const whole = chainFacts({ chain: [own.pem, between.pem], key })
  assert.deepEqual(whole.linked, [true])
  assert.deepEqual([whole.keyMatches, whole.endsInItself, whole.rootKnown], [true, false, false])
  assert.deepEqual(chainFacts({ chain: [own.pem, root.pem, between.pem] }).linked, [false, false])
  assert.equal(chainFacts({ chain: [own.pem, between.pem, root.pem] }).endsInItself, true)
  assert.deepEqual(factsOf(own.pem).names, ['chat.example.com'])
  assert.equal(factsOf(own.pem).issuer, 'CN=Between')

  const made = await selfSigned(['localhost', '127.0.0.1', '::1'], Date.now())
  const faults = judgeCertificate(chainFacts(made), { hosts: ['localhost', '::1'], nowMs: Date.now() })
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['self-signed'],
  )
})

test('[CF62] what is right by its words, but too weak for TLS, is told before it is taken', async () => {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1024 }
  const publicExponent = new Uint8Array([1, 0, 1])
  const keys = await crypto.subtle.generateKey({ ...algorithm, publicExponent }, true, ['sign', 'verify'])
  const weak = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=weak', keys, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) },
  })
  const weakKey = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  assert.match(tlsRefusal({ chain: [weak.toString('pem')], key: weakKey }) ?? '', /TLS refuses it: .*small/)
  assert.equal(tlsRefusal({ chain: [own.pem, between.pem], key }), undefined)
})

test('[CF60] a text of many beginnings without an end is read in a moment', () => {
  const startedMs = performance.now()
  assert.equal(readPem('-----BEGIN CERTIFICATE-----\n'.repeat(20_000)).kind, 'unreadable')
  assert.ok(performance.now() - startedMs < 1000)
})

test('a request for a certificate names every host and is signed by its own key', async () => {
  const { request, key: requested } = await certificateRequest(['chat.example.com', '10.1.2.3'])
  const read = new x509.Pkcs10CertificateRequest(request as Uint8Array<ArrayBuffer>)
  assert.equal(await read.verify(), true)
  const extension = new x509.SubjectAlternativeNameExtension(
    read.getExtension('2.5.29.17')?.rawData ?? new Uint8Array(),
  )
  const names = extension.names.items.map(({ value }) => value)
  assert.deepEqual(names, ['chat.example.com', '10.1.2.3'])
  assert.match(requested, /BEGIN PRIVATE KEY/)
})
