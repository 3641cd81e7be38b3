import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { CertificateRow } from '../protocol/certificate-answers.ts'
import { runVerb } from './verb-stage.ts'

const ROW: CertificateRow = {
  ...{ version: 1, source: 'imported', by: 'ada', at: 0, subject: 'CN=chat.example.com', issuer: 'CN=CA' },
  ...{ names: ['chat.example.com'], beginsAt: 0, endsAt: 86_400_000, daysLeft: 1, stage: 'urgent', fingerprint: 'aa' },
  chain: [],
  faults: [],
}

/** A cluster that answers each path by what it is told to, and keeps what it was asked. */
async function cluster(answers: Readonly<Record<string, object>>) {
  const asked: { path: string; body: Record<string, unknown> }[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const path = request.url ?? ''
    asked.push({ path, body: JSON.parse(Buffer.concat(parts).toString() || '{}') })
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[path] ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-cert-'))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runVerb(['cert', ...words, '--url', url, '--token', 't', '--data', folder], { env })
  const end = () => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { asked, run, folder, end }
}

test('cert status tells what is wrong and which node shows something else, and ends with 1 then', async () => {
  const nodes = [{ node: 'e1', tls: true, fingerprint: 'aa' }]
  const good = await cluster({ '/api/certificate': { certificate: ROW, nodes } })
  const shown = await good.run(['status'])
  assert.equal(shown.code, 0)
  assert.match(shown.out[0] ?? '', /^chat\.example\.com: imported by ada .* good until 1970-01-02 00:00:00Z, 1 days\.$/)
  good.end()
  const strange = [{ node: 'e2', tls: true, fingerprint: 'bb' }, { node: 'n1', tls: false }, { node: 'n2' }]
  const bad = await cluster({ '/api/certificate': { certificate: ROW, nodes: [...nodes, ...strange] } })
  const told = await bad.run(['status'])
  assert.equal(told.code, 1)
  assert.deepEqual(told.out.slice(2), [
    ...['n1 speaks plain HTTP.', 'n2 does not answer.', 'e2 shows another certificate.'],
  ])
  bad.end()
})

test('cert import sends PEM as text and PFX as base64, and takes no passphrase from the command line', async () => {
  const { asked, run, folder, end } = await cluster({
    '/api/certificate/import': { stored: true, certificate: ROW, notes: ['A note.'] },
  })
  const [pem, key, pfx, secret] = ['a.pem', 'a.key', 'a.pfx', 'pass'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  writeFileSync(pem, '-----BEGIN CERTIFICATE-----')
  writeFileSync(key, 'a key')
  writeFileSync(pfx, Buffer.from([0x30, 0xff]))
  writeFileSync(secret, 'a passphrase\n')
  assert.equal((await run(['import', pem, '--key', key])).out[0], 'A note.')
  await run(['import', pfx], { HOLDFAST_PASSPHRASE: 'from the environment' })
  await run(['import', pfx, '--passphrase-file', secret, '--dry-run'])
  assert.deepEqual(
    asked.map(({ body }) => body),
    [
      { pem: '-----BEGIN CERTIFICATE-----', key: 'a key', dryRun: false },
      { pfx: 'MP8=', passphrase: 'from the environment', dryRun: false },
      { pfx: 'MP8=', passphrase: 'a passphrase', dryRun: true },
    ],
  )
  assert.equal((await run(['import', pfx, '--key', key])).code, 2)
  assert.equal((await run(['import', join(folder, 'nowhere')])).code, 2)
  end()
})

test('cert export writes a private key only under a passphrase, for its owner alone', async () => {
  const { asked, run, folder, end } = await cluster({
    '/api/certificate/export': { format: 'pfx', content: 'MP8=' },
  })
  const file = join(folder, 'out.pfx')
  const refused = await run(['export', file, '--format', 'pfx', '--private-key'])
  assert.equal(refused.code, 2)
  assert.deepEqual(asked, [])
  const env = { HOLDFAST_PASSPHRASE: 'long enough' }
  assert.equal((await run(['export', file, '--format', 'pfx', '--private-key'], env)).code, 0)
  assert.deepEqual(readFileSync(file), Buffer.from([0x30, 0xff]))
  assert.equal(statSync(file).mode & 0o777, 0o600)
  end()
})

test('cert issue asks only who agrees to the terms, and ends with how it went', async () => {
  const issue = {
    names: ['a'],
    directory: 'https://ca.example/dir',
    email: '',
    state: 'failed',
    sentence: 'It failed.',
  }
  const { asked, run, end } = await cluster({
    '/api/certificate/issue': { sentence: 'It is asked.' },
    '/api/certificate': { issue, nodes: [] },
  })
  assert.equal((await run(['issue'])).code, 2)
  const told = await run(['issue', '--agree-terms', '--names', 'a.example, b.example'])
  assert.equal(told.code, 1)
  assert.deepEqual([told.err, told.out], [['It is asked.'], ['It failed.']])
  assert.deepEqual(asked[0]?.body, { agreeTerms: true, names: ['a.example', 'b.example'] })
  end()
})
