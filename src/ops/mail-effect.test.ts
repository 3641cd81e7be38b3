import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { type Clock, pause } from '../base/clock.ts'
import { idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { realClock } from '../base/real-clock-node.ts'
import { Configuration } from '../config/configuration.ts'
import type { MemberFacts } from '../store/log-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { mailEffect, sendMail } from './mail-effect.ts'
import { mailItem } from './mail-order.ts'
import { OUTBOX_DEFAULTS, OutboxDriver, type OutboxPorts } from './outbox-driver.ts'
import { messageIdOf, smtpMailer } from './smtp-mailer-node.ts'
import { type MailManners, TestMailbox } from './test-mailbox-node.ts'

const ME: Owner = { node: 'one', incarnation: idFromBits(1n) }
const FACTS: MemberFacts = {
  relayAddress: '',
  httpUrl: '',
  roles: ['chat'],
  mode: 'enabled',
  version: '1',
  formatReads: 2,
  owned: 0,
  attached: 0,
}

async function mailboxFor(context: TestContext, user?: { name: string; password: string }): Promise<TestMailbox> {
  const mailbox = await TestMailbox.open(user)
  context.after(() => mailbox.close())
  return mailbox
}

function configured(mailServer: string): Configuration {
  const value = { mailServer, mailFrom: 'chat@holdfast.example' }
  return new Configuration(1, [{ name: 'settings', revision: 1, value }])
}

function sendTo(mailServer: string, to: string, password = 'sesame') {
  const ports = { configuration: () => configured(mailServer), secret: async () => password, mailer: smtpMailer }
  return sendMail(ports, 'transcript:42:1', { to, template: 'test', facts: {} })
}

test('[OP23] a mail has the Message-ID of its outbox id on every attempt', async (context) => {
  const mailbox = await mailboxFor(context)
  const url = `smtp://127.0.0.1:${mailbox.port}`
  assert.deepEqual(await sendTo(url, 'vera@example.com'), { kind: 'done' })
  assert.deepEqual(await sendTo(url, 'vera@example.com'), { kind: 'done' })
  const expected = messageIdOf('transcript:42:1', 'chat@holdfast.example')
  assert.deepEqual(
    mailbox.mails.map(({ messageId, to }) => ({ messageId, to })),
    [1, 2].map(() => ({ messageId: expected, to: 'vera@example.com' })),
  )
  assert.match(expected, /^<[A-Za-z0-9._-]+@holdfast\.example>$/)
  const [mail] = mailbox.mails
  assert.match(mail?.text ?? '', /^From: Holdfast <chat@holdfast\.example>$/m)
  assert.match(mail?.text ?? '', /^Auto-Submitted: auto-generated$/m)
})

test('[OP24] what a server refuses for good is told from what may pass', async (context) => {
  const mailbox = await mailboxFor(context)
  const url = `smtp://127.0.0.1:${mailbox.port}`
  const cases: readonly [stage: Parameters<MailManners>[0], code: number, kind: 'later' | 'never'][] = [
    ['recipient', 550, 'never'],
    ['recipient', 451, 'later'],
    ['data', 554, 'never'],
    ['data', 452, 'later'],
    // Of the sender, that is of our settings: somebody will mend them.
    ['sender', 553, 'later'],
  ]
  for (const [stage, code, kind] of cases) {
    mailbox.behave((at) => (at === stage ? code : undefined))
    const outcome = await sendTo(url, 'vera@example.com')
    assert.equal(outcome.kind, kind, `${stage} ${code}: ${JSON.stringify(outcome)}`)
  }
  assert.equal(mailbox.mails.length, 0)
})

test('[OP24] a server that is away, or that refuses our sign-in, is a failure that may pass', async (context) => {
  const mailbox = await mailboxFor(context, { name: 'ann', password: 'sesame' })
  const url = `smtp://ann@127.0.0.1:${mailbox.port}`
  assert.equal((await sendTo(url, 'vera@example.com', 'wrong')).kind, 'later')
  assert.equal((await sendTo(url, 'vera@example.com')).kind, 'done')
  const gone = await TestMailbox.open()
  const { port } = gone
  await gone.close()
  assert.equal((await sendTo(`smtp://127.0.0.1:${port}`, 'vera@example.com')).kind, 'later')
  assert.equal((await sendTo('', 'vera@example.com')).kind, 'later')
})

/** Where a node dies while it sends a mail. */
const DEATHS = ['before the mail', 'after the mail', 'before writing it down', 'after writing it down'] as const
const NEVER = new Promise<never>(() => {})

test('[OP11] [OP25] whenever nodes die, each mail comes, and a mailbox that knows its Message-IDs keeps one', async (context) => {
  const mailbox = await mailboxFor(context)
  const store = new MemoryStore({ now: () => realClock.wallMs() })
  await store.join(ME, FACTS)
  const conversations = Array.from({ length: 12 }, (_, index) => idFromBits(BigInt(index + 1)))
  for (const conversation of conversations) {
    await store.open(conversation, ME)
    const order = {
      to: `${conversation}@example.com`,
      template: 'transcript',
      facts: { visitor: 'Vera' },
      transcript: { conversation, upTo: 3 },
    }
    const event = (seq: number, type: string, body: unknown) => ({
      ...({ seq, epoch: 1, at: 1_800_000_000_000, audience: 'everyone', sender: 'v' } as const),
      json: JSON.stringify({ seq, at: 1_800_000_000_000, type, from: 'v', body }),
    })
    const said = { ...event(2, 'message', { text: `I am ${conversation}.` }) }
    const whispered = { ...event(3, 'note', { text: 'a secret' }), audience: 'staff' as const }
    const events = [event(1, 'joined', { name: 'Vera', role: 'visitor' }), said, whispered]
    const outbox = [mailItem(`transcript:${conversation}:1`, conversation, order)]
    await store.append([{ conversation, epoch: 1, expectSeq: 0, events, outbox }])
  }

  /** A node that dies at its second mail, at that moment; `undefined`: it lives. */
  const node = (death?: (typeof DEATHS)[number]): OutboxDriver => {
    let mails = 0
    let dead = false
    const clock: Clock = {
      monotonicMs: () => realClock.monotonicMs(),
      wallMs: () => realClock.wallMs(),
      after: (delayMs, callback) => realClock.after(delayMs, () => (dead ? undefined : callback())),
    }
    const dies = (moment: (typeof DEATHS)[number], mail: number) => {
      if (moment === death && mail >= 2) dead = true
      return dead
    }
    const effect = mailEffect({
      configuration: () => configured(`smtp://127.0.0.1:${mailbox.port}`),
      secret: async () => undefined,
      store,
      mailer: async (server, letter) => {
        mails += 1
        if (dies('before the mail', mails)) return NEVER
        const outcome = await smtpMailer(server, letter)
        return dies('after the mail', mails) ? NEVER : outcome
      },
    })
    const outbox: OutboxPorts['store'] = {
      take: (query) => (dead ? NEVER : store.outbox.take(query)),
      async settle(item) {
        if (dies('before writing it down', mails)) return NEVER
        const settled = await store.outbox.settle(item)
        return dies('after writing it down', mails) ? NEVER : settled
      },
      postpone: (item, delayMs, reason) => store.outbox.postpone(item, delayMs, reason),
      bury: (item, reason) => store.outbox.bury(item, reason),
      forget: async () => 0,
    }
    const random = { fraction: () => 0.5, id: () => 'x' }
    const self = () => ME.incarnation
    const ports = {
      clock,
      random,
      log: silentLog,
      metrics: memoryMetrics(),
      store: outbox,
      self,
      effects: { mail: effect },
    }
    const settings = { ...OUTBOX_DEFAULTS, underWayMax: 2, pollMs: 20, leaseMs: 400, effectMsMax: 300 }
    const driver = new OutboxDriver(ports, settings)
    driver.start()
    return driver
  }
  for (const death of DEATHS) node(death)
  const survivor = node()
  while ((await store.outbox.backlog()).waiting > 0) await pause(realClock, 20)
  await survivor.stop()

  const kept = new Map(mailbox.mails.map((mail) => [mail.messageId, mail]))
  assert.equal(kept.size, conversations.length)
  for (const { to, text } of kept.values()) {
    assert.ok(text.includes(`I am ${to.split('@')[0]}.`))
    assert.ok(!text.includes('a secret'), 'what staff said among themselves stays among them')
  }
  assert.deepEqual(await store.outbox.deadLetters(10), [])
  context.diagnostic(`${mailbox.mails.length} mails on the wire, ${kept.size} kept`)
})
