import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import test from 'node:test'
import { portHolder } from './port-holder-node.ts'

test('[OP6] a port in use names the process that holds it, where the system lets us see', async (context) => {
  const server = createServer().listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const holder = portHolder(port)
  if (process.platform === 'linux') assert.match(holder ?? '', new RegExp(`\\(process ${process.pid}\\)$`))
  assert.equal(portHolder(1), undefined)
})
