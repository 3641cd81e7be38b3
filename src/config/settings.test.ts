import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { InvalidSettings, resolveSettings, settingRows, settingsReference } from './settings.ts'

function faultsOf(sources: Parameters<typeof resolveSettings>[0]): readonly string[] {
  try {
    resolveSettings(sources)
  } catch (error) {
    if (error instanceof InvalidSettings) return error.faults
    throw error
  }
  return []
}

test('[CF1] options win over the environment, the environment over the file, the file over the default', () => {
  const file = { name: 'holdfast.json', content: { port: 1, transcript: { onStoreError: 'close' } } }
  const env = { HOLDFAST_PORT: '2' }
  assert.equal(resolveSettings({}).port, 8400)
  assert.equal(resolveSettings({ file }).port, 1)
  assert.equal(resolveSettings({ file, env }).port, 2)
  assert.equal(resolveSettings({ file, env, options: { port: '3' } }).port, 3)
  assert.equal(resolveSettings({ file }).transcript.onStoreError, 'close')
  assert.equal(
    resolveSettings({ env: { HOLDFAST_TRANSCRIPT_ON_STORE_ERROR: 'close' } }).transcript.onStoreError,
    'close',
  )
  assert.equal(resolveSettings({ env: { HOLDFAST_PORT: '' } }).port, 8400, 'an empty variable is not set')
})

test('[CF2] an address that is none is refused where it is set, not where it is used', () => {
  for (const address of ['http://[', 'https://x:99999', 'http://:1', 'ftp://x', 'http://x/path'])
    for (const variable of ['HOLDFAST_PUBLIC_URL', 'HOLDFAST_ADDRESSES', 'HOLDFAST_ALLOWED_ORIGINS']) {
      const [fault] = faultsOf({ env: { [variable]: address } })
      assert.ok(fault?.startsWith(`${variable} must be `), `${variable} ${address}`)
    }
  for (const address of ['http://user:word@collector:4318/v1/traces', 'collector:4318'])
    assert.equal(faultsOf({ env: { HOLDFAST_TRACES_URL: address } }).length, 1, address)
  assert.deepEqual(resolveSettings({ env: { HOLDFAST_ALLOWED_ORIGINS: '*' } }).allowedOrigins, ['*'])
  assert.equal(resolveSettings({ env: { HOLDFAST_PUBLIC_URL: 'http://[::1]:8' } }).publicUrl, 'http://[::1]:8')
})

test('[CF2] everything that is wrong is told at once, each with its place and what would be right', () => {
  const faults = faultsOf({
    options: { port: '99999' },
    env: { HOLDFAST_ROLE: 'boss', HOLDFAST_LOG_TEXT: 'maybe' },
    file: { name: 'h.json', content: { transcripts: { a: 1 }, limits: { sockets: '12x' }, allowedOrigins: ['x'] } },
  })
  assert.deepEqual(
    [...faults].sort(),
    [
      '--port must be a whole number from 0 to 65535, not "99999".',
      'HOLDFAST_LOG_TEXT must be true or false, not "maybe".',
      'HOLDFAST_ROLE must be all | chat | edge | backup, not "boss".',
      'allowedOrigins in h.json must be origins such as https://www.example.com, or * for any, not ["x"].',
      'limits.sockets in h.json must be a whole number from 1 to 1000000, not "12x".',
      'transcripts.a in h.json is not a setting.',
    ].sort(),
  )
  assert.deepEqual(faultsOf({ file: { name: 'h.json', content: [] } }), ['h.json must hold one JSON object.'])
})

test('a fault in a secret does not print the secret', () => {
  const faults = faultsOf({ env: { HOLDFAST_DATABASE: 'mysql://u:geheim@h' } })
  assert.equal(faults.length, 1)
  assert.doesNotMatch(faults[0] ?? '', /geheim/)
})

test('every source names a setting by its own habit, and no two settings share a name', () => {
  const rows = settingRows()
  assert.deepEqual(
    rows.filter((row) => row.path === 'transcript.onStoreError').map(({ setting, ...names }) => names),
    [
      {
        path: 'transcript.onStoreError',
        variable: 'HOLDFAST_TRANSCRIPT_ON_STORE_ERROR',
        option: 'transcript-on-store-error',
      },
    ],
  )
  for (const key of ['path', 'variable', 'option'] as const)
    assert.equal(new Set(rows.map((row) => row[key])).size, rows.length)
})

test('lists are JSON arrays in the file and separated by commas elsewhere', () => {
  const origins = ['https://a.example', 'https://b.example']
  assert.deepEqual(
    resolveSettings({ file: { name: 'f', content: { allowedOrigins: origins } } }).allowedOrigins,
    origins,
  )
  assert.deepEqual(resolveSettings({ options: { 'allowed-origins': origins.join(', ') } }).allowedOrigins, origins)
})

test('[CF3] the reference page and the table of settings say the same', () => {
  const page = new URL('../../docs/reference/configuration.md', import.meta.url)
  assert.ok(existsSync(page), 'docs/reference/configuration.md is missing')
  assert.ok(
    readFileSync(page, 'utf8').includes(settingsReference()),
    'replace its table by what `holdfast help settings` prints',
  )
})
