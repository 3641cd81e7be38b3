import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import test from 'node:test'
import { hasSocket, processIds, socketsAtPort } from './tcp-sockets-node.ts'

test('a listening and an established socket are told apart, and the process that has one is found', async (context) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[answered]] = await Promise.all([once(server, 'connection'), once(client, 'connect')])
  context.after(() => {
    client.destroy()
    answered.destroy()
    server.close()
  })
  const serverPort = (server.address() as AddressInfo).port
  const clientPort = (client.address() as AddressInfo).port
  const counts = [
    socketsAtPort(serverPort, 'listening').size,
    socketsAtPort(serverPort, 'established').size,
    socketsAtPort(clientPort, 'established').size,
    socketsAtPort(clientPort, 'listening').size,
  ]
  if (process.platform !== 'linux') return assert.deepEqual(counts, [0, 0, 0, 0])
  assert.deepEqual(counts, [1, 1, 1, 0])
  const sockets = socketsAtPort(clientPort, 'established')
  assert.ok(processIds().includes(process.pid))
  assert.equal(hasSocket(process.pid, sockets), true)
  assert.equal(hasSocket(process.ppid, sockets), false)
  assert.equal(hasSocket(process.pid, new Set()), false)
})
