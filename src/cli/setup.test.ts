import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { selfSigned } from '../config/certificate-chain-node.ts'
import { TestMailbox } from '../ops/test-mailbox-node.ts'
import { httpStage, memberRow, staffToken } from '../server/http-stage.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'setup')
const MAIL_PASSWORD = 'canary-of-the-mail-server'
const PASSWORD = 'canary horse battery staple'

/** A node without any account, a mail server, and the files of a set-up in a folder. */
async function stage(context: TestContext) {
  const { app, node, people, secrets, config, setUp, clock } = await httpStage({ publicUrl: '' })
  node.members_ = [memberRow('e1', ['edge', 'chat'])]
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const mailbox = await TestMailbox.open({ name: 'holdfast', password: MAIL_PASSWORD })
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-setup-'))
  context.after(async () => {
    await Promise.all([app.close(), mailbox.close()])
    rmSync(folder, { recursive: true, force: true })
  })
  const link = (await people.setUpLink(url)) ?? ''
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const told: string[] = []
  const setup = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const outcome = await runVerb(['setup', '--data', folder, ...words], { env })
    told.push(...outcome.out, ...outcome.err)
    return outcome
  }
  return { url, link, mailbox, write, setup, told, people, secrets, config, setUp, clock }
}

/** The example as it stands, but for the addresses, which are those of the test. */
async function exampleOn({ url, mailbox, write, clock }: Awaited<ReturnType<typeof stage>>): Promise<string> {
  const { chain, key } = await selfSigned(['chat.example.com'], clock.wallMs())
  write('fullchain.pem', chain.join('\n'))
  write('privkey.pem', key)
  write('admin-password.txt', `${PASSWORD}\n`)
  const text = readFileSync(join(EXAMPLES, 'setup.yaml'), 'utf8')
  const moved = text.replace('https://chat.example.com', url)
  return write('setup.yaml', moved.replace('mail.example.com:587', `127.0.0.1:${mailbox.port}`))
}

test('[CI23] the example sets a system up by the link, and given again it changes nothing', async (context) => {
  const here = await stage(context)
  const { url, link, mailbox, setup, people, secrets, told } = here
  const file = await exampleOn(here)
  const env = { SETUP_MAIL_PASSWORD: MAIL_PASSWORD }
  const first = await setup(['--file', file, '--link', link], env)
  assert.equal(first.code, EXIT.done, first.err.join('\n'))
  assert.deepEqual(
    first.err.filter((line) => !line.startsWith(' ')).map((line) => line.split('. ')[0]),
    [
      'Database: done',
      'Public address: done, changed',
      'HTTPS: open, changed',
      'Mail: done, changed',
      'First administrator: done, changed',
      'Next server: left out, changed',
    ],
  )
  assert.ok(first.out.join('\n').includes('holdfast token join > join.token'))
  assert.deepEqual(
    mailbox.mails.map(({ to }) => to),
    ['ada@example.com'],
  )
  assert.equal(await secrets.read('mail-password'), MAIL_PASSWORD)
  const visit = { address: '192.0.2.1', browser: '' }
  assert.equal((await people.signIn.byPassword('ada', PASSWORD, visit)).kind, 'signed-in')
  // The link is void: the file names the administrator, who signs in and leaves again.
  const [account] = await people.store.accounts()
  const sessions = (await people.store.sessions(account?.id ?? '')).length
  for (const words of [
    ['--link', link],
    ['--url', url],
  ]) {
    const again = await setup(['--file', file, ...words, '--json'], env)
    assert.equal(again.code, EXIT.done, again.err.join('\n'))
    const { steps, ok } = JSON.parse(again.out[0] ?? '') as { ok: boolean; steps: { changed: boolean }[] }
    assert.deepEqual([ok, steps.filter(({ changed }) => changed)], [true, []])
  }
  assert.equal((await people.store.sessions(account?.id ?? '')).length, sessions)
  assert.equal(mailbox.mails.length, 1)
  for (const line of told)
    for (const canary of [MAIL_PASSWORD, PASSWORD, link.split('#link=')[1] ?? '', 'PRIVATE KEY'])
      assert.ok(!line.includes(canary), line)
})

test('[CI24] with --check nothing is changed and no mail is sent', async (context) => {
  const here = await stage(context)
  const file = await exampleOn(here)
  const env = { SETUP_MAIL_PASSWORD: MAIL_PASSWORD, HOLDFAST_SETUP_LINK: here.link }
  const { code, err } = await here.setup(['--file', file, '--check'], env)
  assert.equal(code, EXIT.done, err.join('\n'))
  assert.equal(err.filter((line) => line.includes(', would change')).length, 5)
  assert.equal(here.mailbox.mails.length, 0)
  assert.equal(await here.config.configRevision(), 0)
  assert.deepEqual([await here.people.store.accounts(), (await here.secrets.list()).secrets], [[], []])
})

test('[CI23] what is wrong with a file is told whole, with line and field, and nothing is done', async (context) => {
  const { write, setup, link, config } = await stage(context)
  const wrong = write(
    'wrong.yaml',
    'address:\n  publicUrl: chat\nmial: {}\nadministrator: { name: ada, password: secret }',
  )
  const schema = await setup(['--file', wrong, '--link', link])
  assert.equal(schema.code, EXIT.failed)
  assert.deepEqual(schema.err.map((line) => line.replace(/^\S*wrong\.yaml:/, '').split(':')[0]).toSorted(), ['3', '4'])
  assert.doesNotMatch(schema.err.join(), /password: secret/)
  const absent = 'administrator:\n  name: ada\n  password: { env: NOT_THERE }\ncertificate:\n  files: [none.pem]'
  const named = await setup(['--file', write('absent.yaml', absent), '--link', link, '--json'])
  assert.deepEqual(
    JSON.parse(named.out[0] ?? '').faults.map(({ line, field }: { line: number; field: string }) => `${line} ${field}`),
    ['5 certificate.files.0', '3 administrator.password'],
  )
  assert.equal(await config.configRevision(), 0)
  for (const words of [['--check'], ['now'], ['--file', '/nowhere.yaml'], ['--file', wrong, '--link', 'hfl_x']])
    assert.notEqual((await setup(words)).code, EXIT.done, words.join(' '))
  const nobody = await setup(['--url', 'http://127.0.0.1:1'])
  assert.match(nobody.err.join(), /Who sets up\?/)
})

test('[CI23] a step that is not right fails alone, and the others are taken', async (context) => {
  const { write, setup, link, people } = await stage(context)
  const file = write(
    'setup.yaml',
    [
      'address: { publicUrl: "http://127.0.0.1:1" }',
      'mail: { server: "smtp://127.0.0.1:1", from: a@example.com, testTo: b@example.com }',
      'administrator: { name: ada, password: { env: SETUP_PASSWORD } }',
    ].join('\n'),
  )
  const { code, err, out } = await setup(['--file', file, '--link', link], { SETUP_PASSWORD: PASSWORD })
  assert.equal(code, EXIT.failed)
  assert.match(err.join('\n'), /Public address: NOT RIGHT\. .*ECONNREFUSED/)
  assert.match(err.join('\n'), /Mail: NOT RIGHT\. No test mail was sent/)
  assert.match(err.join('\n'), /First administrator: done, changed/)
  assert.equal(out[0], '2 of 6 steps are not right.')
  assert.equal((await people.store.accounts()).length, 1)
})

test('without a file, and for the holder of a token, setup tells how each step stands', async (context) => {
  const { url, setup } = await stage(context)
  const { code, out, err } = await setup(['--url', url], { HOLDFAST_TOKEN: staffToken('admin') })
  assert.deepEqual([code, out[0]], [EXIT.done, '5 of 6 steps are open.'])
  assert.equal(err.filter((line) => / open\. /.test(line)).length, 5)
  const trying = await setup(['--url', url, '--file', join(EXAMPLES, 'trying.yaml')], {
    HOLDFAST_TOKEN: staffToken('admin'),
  })
  assert.deepEqual([trying.code, trying.out[0]], [EXIT.done, '3 of 6 steps are open.'])
  assert.equal((await setup(['--url', url], { HOLDFAST_TOKEN: staffToken('audit') })).code, EXIT.failed)
})
