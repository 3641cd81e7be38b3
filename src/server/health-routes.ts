import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Prometheus } from '../ops/prometheus.ts'
import type { NodeFacade } from './node-facade.ts'

interface HealthPorts {
  readonly node: NodeFacade
  readonly prometheus: Prometheus
  /** A drain runs, whatever the mode says. */
  readonly draining: () => boolean
}

type Readiness = 'serve' | 'drain' | 'down'

const STATUS: Readonly<Record<Readiness, number>> = { serve: 200, drain: 404, down: 503 }

/** Questions of balancers, supervisors and monitors. They need no token and tell nothing that needs one. */
export function healthRoutes(app: FastifyInstance, ports: HealthPorts): void {
  const { node, prometheus } = ports
  // Probes are frequent and must be answered even when the address has used up its requests.
  const open = { config: { access: 'public' as const, rateLimit: false as const }, logLevel: 'silent' as const }
  const ready = (_request: unknown, reply: FastifyReply) => {
    const readiness = readinessOf(ports)
    return answer(reply, STATUS[readiness], { ready: readiness === 'serve', state: readiness })
  }

  // Touches nothing: that the answer comes means that the event loop turns.
  app.get('/health/live', open, (_request, reply) => answer(reply, 200, { live: true }))
  app.get('/health/ready', open, ready)
  // The address that a priority traffic manager of Chime probes.
  app.get('/Chime/API/Health/Status', open, ready)

  // Whether conversations may begin here now; in an active/standby pair the standby answers 404.
  app.get('/health/active', open, (_request, reply) => {
    const readiness = readinessOf(ports)
    const active = readiness === 'serve' && !hasRole(node, 'backup') && node.mode() === 'enabled'
    if (active && !node.leaseHeld()) return answer(reply, 503, { active: false })
    return answer(reply, active ? 200 : readiness === 'down' ? 503 : 404, { active })
  })

  app.get('/health/deps', open, (_request, reply) => {
    const store = node.storeAvailability()
    const lease = node.leaseHeld() ? 'held' : 'not held'
    return answer(reply, store === 'available' && node.leaseHeld() ? 200 : 503, { store, lease })
  })

  app.get('/metrics', open, async (_request, reply) =>
    reply.type(prometheus.contentType).send(await prometheus.render()),
  )
}

/**
 * 200: send people here. 404: they are being sent elsewhere, nothing is wrong. 503: nothing can be served. An edge
 * keeps its clients and their outboxes while the store is away: a trouble that all nodes share must not make a balancer
 * drop all of them at once. `/health/deps` tells of it.
 */
function readinessOf({ node, draining }: HealthPorts): Readiness {
  const serves = node.leaseHeld() || hasRole(node, 'edge')
  if (!serves) return 'down'
  return draining() || node.mode() === 'draining' ? 'drain' : 'serve'
}

function hasRole(node: NodeFacade, role: 'edge' | 'backup'): boolean {
  return node.members().some(({ node: name, roles }) => name === node.self().node && roles.includes(role))
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').send(body)
}
