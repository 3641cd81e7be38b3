import assert from 'node:assert/strict'
import test from 'node:test'
import { controlCluster } from './cluster-control.ts'
import { stageIo } from './verb-stage.ts'

test('[CI4] commands on standard input are each answered by one line, and wrong ones do nothing', async () => {
  const acts: string[] = []
  const cluster = {
    kill: (node: string, signal: string) => {
      if (node === 'nx') throw new Error('There is no running node called nx.')
      acts.push(`kill ${node} ${signal}`)
    },
    pause: (node: string, ms: number) => acts.push(`pause ${node} ${ms}`),
    restartDatabase: async () => {
      acts.push('restart-database')
    },
    nodes: [{ name: 'n1', role: 'chat' as const, pid: 7, url: 'u' }],
  }
  const { io, out } = stageIo({
    lines: [
      '{"verb":"kill","node":"n1"}',
      '{"verb":"kill","node":"n1","signal":"SIGTERM"}',
      '{"verb":"kill","node":"nx"}',
      '{"verb":"kill","node":"n1","signal":"SIGWINCH"}',
      '{"verb":"pause","node":"n1","ms":2000}',
      '{"verb":"pause","node":"n1"}',
      '',
      'not json',
      '{"verb":"fly"}',
      '{"verb":"nodes"}',
      '{"verb":"restart-database"}',
      '{"verb":"stop"}',
      '{"verb":"kill","node":"n1"}',
    ],
  })
  await controlCluster(cluster, io)
  assert.deepEqual(acts, ['kill n1 SIGKILL', 'kill n1 SIGTERM', 'pause n1 2000', 'restart-database'])
  const answers = out.map((line) => JSON.parse(line))
  assert.deepEqual(
    answers.map(({ done, error }) => done ?? (error ? 'error' : '?')),
    ['kill', 'kill', 'error', 'error', 'pause', 'error', 'error', 'error', 'nodes', 'restart-database'],
  )
  assert.deepEqual(answers[8].nodes, cluster.nodes)
})
