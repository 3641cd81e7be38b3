import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { ALARM_DAYS } from '../config/certificate-decision.ts'
import type { AlarmEpisode } from '../store/alarm-store.ts'
import { certificateEnds, certificatesInUse } from './certificate-ends.ts'
import { memberRow, StageNode } from './http-stage.ts'

const DAY_MS = 86_400_000
const ALL_WELL = [
  ...['not certificate-expires', 'not certificate-expires-soon', 'not certificate-nearly-expired'],
  'not certificate-expired',
]

/** Two nodes; of each the days that its certificates are good for: shown to people, shown to nodes, the authority. */
function stage() {
  const [clock, node] = [new ManualClock(), new StageNode()]
  const used = new Map<string, readonly [number, number, number] | 'silent'>()
  node.members_ = [memberRow('e1', ['edge']), memberRow('n1', ['chat'])]
  node.inspect = async (name) => {
    const days = used.get(name)
    if (!days || days === 'silent') throw new Error('it does not answer')
    const [shown, own, authority] = days
    const facts = (subject: string, left: number, lifeDays: number) => {
      const endsAtMs = clock.wallMs() + left * DAY_MS
      const beginsAtMs = endsAtMs - lifeDays * DAY_MS
      return { subject, issuer: '', names: [], fingerprint: '', beginsAtMs, endsAtMs }
    }
    return certificatesInUse({
      public: facts('CN=chat', shown, 365),
      node: facts('CN=own', own, 30),
      authority: facts('CN=authority', authority, 7300),
    })
  }
  let days = ALARM_DAYS
  const observe = certificateEnds(clock, node, () => days)
  const look = async (open: readonly string[] = []) => {
    const sights = await observe(open.map((each) => episode(each)))
    return sights.map(({ code, subject, present }) => `${present ? '' : 'not '}${code} ${subject}`)
  }
  /** What is said of one subject. */
  const of = async (subject: string, open?: readonly string[]) => {
    const said = (await look(open)).filter((each) => each.endsWith(` ${subject}`))
    return said.map((each) => each.slice(0, -subject.length - 1))
  }
  const set = (told: readonly number[]) => {
    days = told
  }
  return { observe, look, of, used, node, set }
}

function episode(text: string): AlarmEpisode {
  const [code, subject] = text.split(' ')
  return { code, subject } as AlarmEpisode
}

test('[SV150] an end is told in steps of 30, 14 and 3 days; who begins late is told of the last step alone', async () => {
  const { of, used } = stage()
  const shown = async (days: number, open: readonly string[] = []) => {
    used.set('e1', [days, 20, 7000]).set('n1', [days, 20, 7000])
    const said = await of(
      'public',
      open.map((code) => `${code} public`),
    )
    return said.filter((each) => !each.startsWith('not '))
  }
  assert.deepEqual(await shown(31), [])
  assert.deepEqual(await shown(30), ['certificate-expires'])
  assert.deepEqual(await shown(14, ['certificate-expires']), ['certificate-expires', 'certificate-expires-soon'])
  assert.deepEqual(await shown(14), ['certificate-expires-soon'])
  assert.deepEqual(await shown(3), ['certificate-nearly-expired'])
  assert.deepEqual(await shown(-1), ['certificate-expired'])
  used.set('e1', [300, 20, 7000]).set('n1', [300, 20, 7000])
  assert.deepEqual(await of('public', ['certificate-expires public']), ALL_WELL, 'a renewal ends all of it')
})

test('[SV150] the certificates of nodes and the authority are watched, too, each by its own life', async () => {
  const { of, observe, used } = stage()
  used.set('e1', [300, 10, 29]).set('n1', [300, 7, 29])
  assert.deepEqual(await of('node/e1'), ALL_WELL, 'ten days of thirty are a renewal, no alarm')
  assert.ok((await of('node/n1')).includes('certificate-expires'))
  assert.ok((await of('authority')).includes('certificate-expires'))
  const sentences = (await observe([])).filter(({ present }) => present).map(({ sentence }) => sentence)
  assert.deepEqual(sentences, [
    'CN=authority, by which nodes know each other: The certificate is good for another 29 days.',
    'n1 shows it to other nodes, and did not renew it: The certificate is good for another 7 days.',
  ])
})

test('[SV150] what the nodes really show counts: one that kept an old certificate is named', async () => {
  const { observe, used } = stage()
  used.set('e1', [300, 20, 7000]).set('n1', [2, 20, 7000])
  const [found] = (await observe([])).filter(({ present }) => present)
  assert.deepEqual(
    [found?.code, found?.subject, found?.sentence],
    [
      'certificate-nearly-expired',
      'public',
      'CN=chat, shown to people by n1: The certificate is good for another 2 days.',
    ],
  )
})

test('[SV150] nothing is called well before every node has answered; of a node that is gone it is over', async () => {
  const { look, of, used } = stage()
  used.set('e1', [300, 20, 7000]).set('n1', 'silent')
  assert.deepEqual(await of('public', ['certificate-expires public']), [])
  assert.deepEqual(await of('node/e1'), ALL_WELL)
  assert.deepEqual(await of('node/n1', ['certificate-expires node/n1']), [])
  assert.ok((await look(['certificate-expires node/n9'])).includes('not certificate-expires node/n9'))
  used.set('e1', [2, 20, 7000])
  assert.ok((await of('public')).includes('certificate-nearly-expired'), 'what one node sees is told at once')
})

test('[SV150] operators say how early they are told', async () => {
  const { of, used, set } = stage()
  used.set('e1', [80, 20, 7000]).set('n1', [80, 20, 7000])
  assert.deepEqual(await of('public'), ALL_WELL)
  set([90, 20, 2])
  assert.ok((await of('public')).includes('certificate-expires'))
})
