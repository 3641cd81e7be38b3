import assert from 'node:assert/strict'
import test from 'node:test'
import { readSetupFile } from './setup-file.ts'

function faultsOf(text: string): readonly string[] {
  const read = readSetupFile(text)
  return read.kind === 'faults' ? read.faults.map(({ line, field, sentence }) => `${line} ${field}: ${sentence}`) : []
}

test('[CF90] a set-up file is judged whole, with line and field', () => {
  assert.deepEqual(
    faultsOf(
      ['addres: {}', 'address:', '  publicUrl: 5', 'mail:', '  testTo: ada', 'administrator:', '  name: Ada'].join(
        '\n',
      ),
    ).toSorted(),
    [
      '1 addres: There is no such field.',
      '3 address.publicUrl: This must be a text.',
      '5 mail.testTo: This must be one address such as ada@example.com.',
      '6 administrator.password: This field is missing.',
      '7 administrator.name: This must be small letters, digits and . _ @ + -, at most 63.',
    ],
  )
  assert.deepEqual(faultsOf('address: {}\ncertificate:\n  balancer: true\n  files: [a.pem]\nmail:\n  server: x'), [
    '1 address: This needs one of publicUrl, skip.',
    '2 certificate: This needs one of files, issue, balancer, skip.',
    '5 mail.from: This field is missing.',
    '5 mail.testTo: This field is missing.',
  ])
  const wrong =
    'address:\n  publicUrl: chat.example.com\nmail: { server: "smtp://u:p@h", from: x, testTo: a@b.example }'
  assert.deepEqual(
    faultsOf(wrong).map((fault) => fault.split(':')[0]),
    ['2 address.publicUrl', '3 mail.server', '3 mail.from'],
  )
  assert.match(faultsOf('a: [')[0] ?? '', /^1 /)
})

test('[CF91] a set-up file says where a secret is, and holds none itself', () => {
  const file = (password: string) => `administrator:\n  name: ada\n  password: ${password}`
  assert.deepEqual(faultsOf(file('in-the-open')), [
    '3 administrator.password: A secret does not stand in this file: say where it is, { env: NAME } or { file: path }.',
  ])
  assert.deepEqual(faultsOf(file('{}')), ['3 administrator.password: This needs one of env, file.'])
  assert.equal(faultsOf(file('{ env: A, file: b }')).length, 1)
  assert.deepEqual(faultsOf(file('{ env: A }')), [])
  assert.deepEqual(faultsOf('mail: { skip: true }'), [])
  assert.deepEqual(faultsOf(''), [])
})
