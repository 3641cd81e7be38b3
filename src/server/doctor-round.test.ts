import assert from 'node:assert/strict'
import test from 'node:test'
import { DEVIATIONS, soundFacts } from '../ops/doctor-stage.ts'
import type { DoctorAnswer } from '../protocol/doctor-answers.ts'
import type { DoctorFacts } from '../protocol/doctor-schema.ts'
import { type ClusterStage, clusterStage } from './cluster-stage.ts'
import { doctorRound } from './doctor-round.ts'
import { httpStage, staffToken } from './http-stage.ts'

/** Nodes that answer what the test says. */
async function doctorStage(of: (node: string) => Partial<DoctorFacts> = () => ({})): Promise<ClusterStage> {
  const stage = await clusterStage(2)
  for (const [name, node] of stage.nodes) {
    node.onInspect('wall-clock', async () => stage.clock.wallMs())
    node.onInspect('doctor', async () => soundFacts(of(name)))
  }
  return stage
}

async function askedOf(stage: ClusterStage): Promise<DoctorAnswer> {
  let answer: DoctorAnswer | undefined
  void doctorRound({ node: stage.node('e1'), clock: stage.clock }).then((value) => {
    answer = value
  })
  for (let waitedMs = 0; !answer && waitedMs < 10_000; waitedMs += 10) await stage.clock.advance(10)
  assert.ok(answer, 'the round ends before a command gives up')
  return answer
}

const wrong = ({ findings }: DoctorAnswer) => findings.filter(({ severity }) => severity !== 'ok')

test('[SV113] every node of a cluster is asked, and one that deviates in any fact is found', async () => {
  const sound = await askedOf(await doctorStage())
  assert.deepEqual(wrong(sound), [])
  assert.deepEqual(
    [sound.ok, sound.nodes.map(({ node, role }) => `${node} ${role}`)],
    [true, ['e1 edge', 'n1 chat', 'n2 chat']],
  )
  let facts: Partial<DoctorFacts> = {}
  const stage = await doctorStage((node) => (node === 'n2' ? facts : {}))
  for (const [fact, deviation] of Object.entries(DEVIATIONS)) {
    facts = deviation.facts
    const answer = await askedOf(stage)
    assert.deepEqual(
      wrong(answer).map(({ check, severity }) => [check, severity]),
      [[deviation.check, deviation.severity]],
      fact,
    )
    assert.match(wrong(answer)[0]?.sentence ?? '', deviation.sentence)
    assert.equal(answer.ok, deviation.severity === 'warning', fact)
  }
})

test('[SV114] clocks are measured from the asker, with the uncertainty of the way there', async () => {
  const stage = await doctorStage()
  stage.node('n2').onInspect('wall-clock', async () => stage.clock.wallMs() + 5000)
  const answer = await askedOf(stage)
  const measured = answer.nodes.map(({ clock }) => clock)
  assert.deepEqual(measured[0], { offsetMs: 0, uncertaintyMs: 0 })
  const [, near, far] = measured
  assert.ok(near && Math.abs(near.offsetMs) <= near.uncertaintyMs, JSON.stringify(near))
  assert.ok(far && Math.abs(far.offsetMs - 5000) <= far.uncertaintyMs, JSON.stringify(far))
  assert.deepEqual(
    wrong(answer).map(({ check, severity, nodes }) => [check, severity, nodes]),
    [['clock', 'failed', ['n2']]],
  )
})

test('[SV113] a node that hangs, one that is dead and one of another version are told, and hold nobody up', async () => {
  const stage = await doctorStage()
  stage.node('n1').onInspect('doctor', () => new Promise(() => {}))
  stage.node('n2').onInspect('doctor', async () => 'fit as a fiddle')
  const silent = async () => {
    const { nodes, findings } = await askedOf(stage)
    const told = findings.find(({ check, severity }) => check === 'answers' && severity === 'ok')
    return [told?.nodes, nodes.flatMap(({ node, silent: why }) => (why === undefined ? [] : `${node}: ${why}`))]
  }
  assert.deepEqual(await silent(), [
    ['e1'],
    ['n1: it did not answer within 6 s', 'n2: its answer is none that this version understands'],
  ])
  await stage.kill(stage.node('n2'))
  await stage.clock.advance(1000)
  assert.match(String((await silent())[1]), /n2: it is dead; its last beat was \d+ s ago/)
})

test('[SV113] a node that was drained and stopped is not missed', async () => {
  const stage = await doctorStage()
  const drained = stage.node('n2').drain({ deadlineMs: 1000, finish: false })
  await stage.clock.advance(1000)
  await drained
  const stopped = stage.node('n2').stop()
  await stage.clock.advance(1000)
  await stopped
  const answer = await askedOf(stage)
  assert.deepEqual([wrong(answer), answer.nodes.map(({ node }) => node)], [[], ['e1', 'n1']])
})

test('[SV113] operators and auditors read the comparison by REST, whichever node they ask', async (context) => {
  const { app, node, clock } = await httpStage()
  context.after(() => app.close())
  const inspect = node.inspect.bind(node)
  node.inspect = async (name, question, body) => {
    if (question === 'wall-clock') return clock.wallMs()
    if (question !== 'doctor') return inspect(name, question, body)
    return soundFacts(name === 'n1' ? DEVIATIONS.disk.facts : {})
  }
  const headers = { authorization: `Bearer ${staffToken('audit')}` }
  const { statusCode, body } = await app.inject({ url: '/api/cluster/doctor', headers })
  assert.equal(statusCode, 200, body)
  const answer = JSON.parse(body) as DoctorAnswer
  assert.deepEqual(
    wrong(answer).map(({ check, nodes }) => [check, nodes]),
    [['disk', ['n1']]],
  )
  assert.deepEqual([answer.node, answer.ok, answer.checks[0]], ['e1', false, { check: 'answers', title: 'answers' }])
})
