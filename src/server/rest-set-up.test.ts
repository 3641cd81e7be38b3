import assert from 'node:assert/strict'
import test from 'node:test'
import { selfSigned } from '../config/certificate-chain-node.ts'
import { TestMailbox } from '../ops/test-mailbox-node.ts'
import type { SessionAnswer } from '../protocol/account-answers.ts'
import type { AuditAnswer } from '../protocol/audit-answers.ts'
import type { ConfigInvalidAnswer } from '../protocol/config-answers.ts'
import type { RefusedAnswer } from '../protocol/rest-answers.ts'
import type { SetUpActAnswer, SetUpAnswer } from '../protocol/set-up-answers.ts'
import type { SetUpStepId } from '../protocol/set-up-steps.ts'
import { type HttpStage, httpStage, memberRow, staffToken } from './http-stage.ts'
import type { SetUpSurroundings } from './set-up-desk.ts'

const PASSWORD = 'correct horse battery'
const MAIL_PASSWORD = 'canary of the mail password'

/** A node that nobody has an account on, listening, and the secret of its set-up link. */
async function fresh() {
  const stage = await httpStage({ publicUrl: '' })
  const url = await stage.app.listen({ host: '127.0.0.1', port: 0 })
  const link = (await stage.people.setUpLink(url)) ?? ''
  return { stage, url, secret: link.split('#link=')[1] ?? '' }
}

function asked<Answer>(stage: HttpStage, bearer: string, path = '', payload?: object) {
  return stage.app
    .inject({
      method: payload ? 'POST' : 'GET',
      url: `/api/set-up${path}`,
      headers: { authorization: `Bearer ${bearer}` },
      ...(payload && { payload }),
    })
    .then((response) => ({ status: response.statusCode, text: response.body, answer: response.json<Answer>() }))
}

const stateOf = ({ steps }: SetUpAnswer, id: SetUpStepId) => steps.find((step) => step.id === id)?.state

test('[SV130] until there is an account the set-up link opens the set-up and nothing else; afterwards who may administer', async () => {
  const { stage, secret } = await fresh()
  try {
    assert.equal((await asked<SetUpAnswer>(stage, secret)).status, 200)
    assert.equal((await asked(stage, 'hfl_guess')).status, 401)
    const headers = { authorization: `Bearer ${secret}` }
    for (const url of ['/api/config', '/api/accounts', '/api/secrets', '/api/cluster'])
      assert.equal((await stage.app.inject({ url, headers })).statusCode, 401, url)
    const body = { link: secret, name: 'root', password: PASSWORD }
    const made = await stage.app.inject({ method: 'POST', url: '/api/session/set-up', payload: body })
    const { token } = made.json<SessionAnswer>()
    assert.equal((await asked(stage, secret)).status, 401, 'the link is void')
    assert.equal((await asked(stage, secret, '/skip', { step: 'mail' })).status, 401)
    const { status, answer } = await asked<SetUpAnswer>(stage, token)
    assert.deepEqual([status, stateOf(answer, 'account')], [200, 'done'])
    assert.equal((await asked(stage, staffToken('audit'))).status, 403)
  } finally {
    await stage.app.close()
  }
})

test('[SV131] an address is stored when a request to it comes back to this cluster, else only on somebody’s word', async () => {
  const { stage, url, secret } = await fresh()
  const elsewhere = await fresh()
  elsewhere.stage.setUp.cluster = 'another'
  const take = (body: object) => asked<SetUpActAnswer>(stage, secret, '/address', body)
  const stored = async () => (await asked<SetUpAnswer>(stage, secret)).answer.present.publicUrl
  try {
    const other = await take({ publicUrl: elsewhere.url })
    assert.deepEqual([other.answer.changed, other.answer.step.state], [false, 'failed'])
    assert.match(other.answer.step.sentence, /something else answers there: another Holdfast cluster/)
    const nobody = await take({ publicUrl: 'http://127.0.0.1:1' })
    assert.match(nobody.answer.step.sentence, /nothing answers there: ECONNREFUSED/)
    const unknown = await take({ publicUrl: 'https://no-such-host.invalid' })
    assert.match(unknown.answer.step.sentence, /do not know no-such-host\.invalid/)
    assert.match(unknown.answer.step.remedy, /DNS record.*CNAME/)
    assert.equal(await stored(), '')
    assert.equal((await take({ publicUrl: url, dryRun: true })).answer.changed, true)
    assert.equal(await stored(), '')
    const taken = await take({ publicUrl: `${url}/` })
    assert.deepEqual([taken.answer.changed, taken.answer.step.state], [true, 'done'])
    assert.equal((await take({ publicUrl: url })).answer.changed, false, 'taken again it is the same')
    const wrong = await asked<ConfigInvalidAnswer>(stage, secret, '/address', { publicUrl: 'chat.example.com' })
    assert.deepEqual([wrong.status, wrong.answer.faults[0]?.field], [422, 'publicUrl'])
    const said = await take({ publicUrl: 'http://127.0.0.1:1', unreached: true })
    assert.deepEqual([said.answer.changed, said.answer.step.state], [true, 'failed'])
    assert.equal(await stored(), 'http://127.0.0.1:1')
  } finally {
    await Promise.all([stage.app.close(), elsewhere.stage.app.close()])
  }
})

test('[SV132] a mail server is stored when it took a test mail, and its password goes to it and into the vault alone', async () => {
  const { stage, secret } = await fresh()
  const mailbox = await TestMailbox.open({ name: 'holdfast', password: MAIL_PASSWORD })
  const server = `smtp://holdfast@127.0.0.1:${mailbox.port}`
  const body = { server, from: 'chat@example.com', to: 'ada@example.com', password: MAIL_PASSWORD }
  const take = (more: object) => asked<SetUpActAnswer>(stage, secret, '/mail', { ...body, ...more })
  const told: string[] = []
  try {
    const refused = await take({ password: 'another one' })
    assert.deepEqual([refused.answer.changed, refused.answer.step.state], [false, 'failed'])
    assert.equal(await stage.secrets.read('mail-password'), undefined)
    assert.equal((await asked<SetUpAnswer>(stage, secret)).answer.present.mailServer, '')
    const taken = await take({})
    assert.deepEqual([taken.answer.changed, taken.answer.step.state], [true, 'done'], taken.text)
    assert.deepEqual([mailbox.mails.length, mailbox.mails[0]?.to], [1, 'ada@example.com'])
    assert.match(mailbox.mails[0]?.text ?? '', /This mail shows that/)
    assert.equal(await stage.secrets.read('mail-password'), MAIL_PASSWORD)
    assert.equal((await take({})).answer.changed, false, 'taken again it is the same')
    assert.equal(mailbox.mails.length, 1)
    const { password: _, ...without } = body
    assert.equal(
      (await asked<SetUpActAnswer>(stage, secret, '/mail', { ...without, to: 'b@example.com' })).answer.changed,
      true,
    )
    // The password of one server is not told to another one.
    const trap = await TestMailbox.open({ name: 'holdfast', password: MAIL_PASSWORD })
    const other = { ...without, server: `smtp://holdfast@127.0.0.1:${trap.port}` }
    assert.equal((await asked<SetUpActAnswer>(stage, secret, '/mail', other)).answer.step.state, 'failed')
    await trap.close()
    for (const each of [refused, taken]) told.push(each.text)
    told.push((await asked(stage, secret)).text)
    const audit = await stage.app.inject({
      url: '/api/audit',
      headers: { authorization: `Bearer ${staffToken('audit')}` },
    })
    const entries = audit.json<AuditAnswer>().records.map((each) => JSON.parse(each.body))
    assert.deepEqual(
      entries.map(({ act, who }) => `${act} by ${who.subject}`),
      ['secret.set', 'config.change', 'set-up.mail', 'set-up.mail'].map((act) => `${act} by set-up link`),
      'each test mail that a server took, also where nothing changed by it',
    )
    told.push(audit.body)
    for (const text of told) for (const canary of [MAIL_PASSWORD, secret]) assert.ok(!text.includes(canary), text)
  } finally {
    await Promise.all([stage.app.close(), mailbox.close()])
  }
})

test('[SV132] what somebody else changes in the settings while a test mail is under way stays changed', async () => {
  const { stage, secret } = await fresh()
  const headers = { authorization: `Bearer ${staffToken('admin')}` }
  stage.setUp.mailer = async () => {
    const payload = {
      key: 'k'.repeat(26),
      reason: 'meanwhile',
      documents: [{ name: 'settings', text: 'alarmMails: a@b.example' }],
    }
    const changed = await stage.app.inject({ method: 'POST', url: '/api/config/changes', headers, payload })
    assert.equal(changed.statusCode, 200, changed.body)
    return { kind: 'done' }
  }
  try {
    const mail = { server: 'smtp://mail.example.com', from: 'chat@example.com', to: 'ada@example.com' }
    assert.equal((await asked<SetUpActAnswer>(stage, secret, '/mail', mail)).answer.step.state, 'done')
    const there = await stage.app.inject({ url: '/api/config/document?name=settings', headers })
    for (const kept of ['alarmMails: a@b.example', 'mailServer: smtp://mail.example.com'])
      assert.ok(there.json<{ text: string }>().text.includes(kept), there.body)
  } finally {
    await stage.app.close()
  }
})

test('[SV132] a test mail that cannot be written is told with the reason', async () => {
  const { stage, secret } = await fresh()
  const text = 'subject: Test\ntext: "{% for each in (1..100000000) %}{{ each }}{% endfor %}"\n'
  const payload = { key: 'k'.repeat(26), reason: 'too much', documents: [{ name: 'email-template/test', text }] }
  const headers = { authorization: `Bearer ${staffToken('admin')}` }
  try {
    const changed = await stage.app.inject({ method: 'POST', url: '/api/config/changes', headers, payload })
    assert.equal(changed.statusCode, 200, changed.body)
    const mail = { server: 'smtp://127.0.0.1:1', from: 'chat@example.com', to: 'ada@example.com' }
    const { answer } = await asked<SetUpActAnswer>(stage, secret, '/mail', mail)
    assert.match(answer.step.sentence, /^No test mail was sent: .*limit/)
  } finally {
    await stage.app.close()
  }
})

test('[SV133] a certificate is imported once, a balancer is noted, and what cannot be served is refused with the reason', async () => {
  const { stage, secret } = await fresh()
  stage.setUp.tls = true
  const take = (body: object) => asked<SetUpActAnswer & RefusedAnswer>(stage, secret, '/certificate', body)
  try {
    const unfit = await take({ import: { pem: 'nothing of that kind' } })
    assert.deepEqual([unfit.status, unfit.answer.code], [422, 'certificate-unfit'])
    assert.equal((await take({})).answer.code, 'malformed')
    const { chain, key } = await selfSigned(['chat.example.com'], stage.clock.wallMs())
    const pem = [...chain, key].join('\n')
    assert.equal((await take({ import: { pem }, dryRun: true })).answer.changed, true)
    const taken = await take({ import: { pem } })
    assert.equal(taken.answer.changed, true)
    assert.equal((await take({ import: { pem } })).answer.changed, false, 'the same one again')
    const { text } = await asked(stage, secret)
    for (const each of [taken.text, text]) assert.doesNotMatch(each, /PRIVATE KEY/)
    stage.setUp.tls = false
    assert.equal((await take({ balancer: true })).answer.changed, true)
    assert.equal((await take({ balancer: true })).answer.changed, false)
    const { status } = await take({ issue: { agreeTerms: false, names: ['chat.example.com'] } })
    assert.equal(status, 400)
  } finally {
    await stage.app.close()
  }
})

test('[SV134] what is left out is told with what follows, on every node, until it is taken; the set-up ends when nothing is open', async () => {
  const { stage, secret, url } = await fresh()
  const skip = (step: string) => asked<SetUpActAnswer>(stage, secret, '/skip', { step })
  try {
    for (const step of ['database', 'account']) assert.equal((await skip(step)).status, 400, step)
    const { step } = (await skip('mail')).answer
    assert.equal(step.state, 'skipped')
    assert.match(step.sentence, /^No visitor is sent a transcript/)
    assert.equal((await skip('mail')).answer.changed, false)
    await skip('certificate')
    stage.node.members_ = [memberRow('e1', ['edge'])]
    await skip('join')
    await asked(stage, secret, '/address', { publicUrl: url })
    const before = (await asked<SetUpAnswer>(stage, secret)).answer
    assert.equal(before.complete, false)
    const payload = { link: secret, name: 'root', password: PASSWORD }
    const made = await stage.app.inject({ method: 'POST', url: '/api/session/set-up', payload })
    const { answer } = await asked<SetUpAnswer>(stage, made.json<SessionAnswer>().token)
    assert.equal(answer.complete, true)
    assert.deepEqual(
      answer.steps.map(({ id, state }) => `${id} ${state}`),
      ['database done', 'address done', 'certificate skipped', 'mail skipped', 'account done', 'join skipped'],
    )
    stage.node.members_ = [memberRow('e1', ['edge']), memberRow('n1', ['chat'])]
    const later = (await asked<SetUpAnswer>(stage, made.json<SessionAnswer>().token)).answer
    assert.equal(stateOf(later, 'join'), 'done')
  } finally {
    await stage.app.close()
  }
})

test('a database that is not safe, or does not answer, is told with what to do', async () => {
  const { stage, secret } = await fresh()
  const look = async (database: Awaited<ReturnType<SetUpSurroundings['lookAtDatabase']>>) => {
    stage.setUp.lookAtDatabase = async () => database
    return (await asked<SetUpAnswer>(stage, secret)).answer.steps[0]
  }
  try {
    const unsafe = { name: 'fsync', ok: false, found: 'off', wanted: 'on', remedy: 'Set fsync = on.' }
    const found = await look({ kind: 'looked', findings: [unsafe], roundTripMs: 1 })
    assert.deepEqual(
      [found?.state, found?.sentence, found?.remedy],
      ['failed', 'fsync is off, not on.', 'Set fsync = on.'],
    )
    assert.equal((await look({ kind: 'away', reason: 'No host takes writes.' }))?.sentence, 'No host takes writes.')
    assert.match((await look({ kind: 'looked', findings: [], roundTripMs: 300 }))?.remedy ?? '', /nearer/)
  } finally {
    await stage.app.close()
  }
})
