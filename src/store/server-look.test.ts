import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test from 'node:test'
import { lookAtServer } from './server-look-node.ts'

test('[SE20] a server that is starting up is told from one that refuses, and from one that says nothing', async () => {
  const said = ['57P03', '28P01']
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(refusal(said.shift() ?? '')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `postgres://holdfast@127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/holdfast`
  assert.equal(await lookAtServer(url), 'starting-up')
  assert.equal(await lookAtServer(url), 'refuses')
  server.close()
  await once(server, 'close')
  assert.equal(await lookAtServer(url), 'silent')
})

/** PostgreSQL's `ErrorResponse`. */
function refusal(sqlState: string): Buffer {
  const body = Buffer.from(`${['SFATAL', 'VFATAL', `C${sqlState}`, 'Mnot now'].join('\0')}\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
