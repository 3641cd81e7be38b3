import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { familyUsage, ownCpuMs } from './process-usage-node.ts'

test('[BE6] the usage of a family counts its children, those that ended too', {
  skip: process.platform !== 'linux' && 'there is no /proc here',
}, async () => {
  const before = familyUsage(process.pid)
  const child = spawn(process.execPath, [
    '-e',
    'const end = process.cpuUsage().user + 150000; while (process.cpuUsage().user < end);',
  ])
  await once(child, 'exit')
  const after = familyUsage(process.pid)
  assert.ok(before && after)
  assert.ok(after.servers.cpuMs - before.servers.cpuMs >= 140, 'the time of a child that ended is there')
  assert.ok(after.servers.residentBytes > 10_000_000)
  assert.deepEqual(after.database, { cpuMs: 0, residentBytes: 0 })
  assert.ok(ownCpuMs() > 0)
})
