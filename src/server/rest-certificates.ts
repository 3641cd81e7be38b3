import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { AuditAct } from '../ops/audit-entry.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import type { CertificateAnswer, NodeCertificateRow } from '../protocol/certificate-answers.ts'
import {
  AcmeChallengeParams,
  CertificateExportBody,
  CertificateImportBody,
  CertificateIssueBody,
} from '../protocol/certificate-schema.ts'
import { actorOf } from './audit-actor.ts'
import { CertificateDesk, type CertificateDeskPorts } from './certificate-desk.ts'
import { stateOf } from './cluster-view.ts'
import { answerRefusal } from './http-answers.ts'
import type { NodeFacade } from './node-facade.ts'

export interface CertificateRoutesPorts extends CertificateDeskPorts {
  readonly node: NodeFacade
  readonly audit: Pick<AuditTrail, 'act'>
}

// Chains with large keys, base64 of a PFX file: still far below this.
const BODY_BYTES_MAX = 256 * 1024
const NODE_PATIENCE_MS = 500

/** The public certificate: what it is and who shows it, import, export, issue; and what authorities ask to see. */
export function certificateRoutes(app: FastifyInstance, ports: CertificateRoutesPorts): void {
  const desk = new CertificateDesk(ports)
  const admin = { config: { access: 'admin' as const }, bodyLimit: BODY_BYTES_MAX }

  app.get('/api/certificate', { config: { access: 'audit' } }, async (): Promise<CertificateAnswer> => {
    const [certificate, issue] = await Promise.all([desk.row(), desk.issueRow()])
    return { ...(certificate && { certificate }), ...(issue && { issue }), nodes: await nodesOf(ports.node) }
  })

  app.post<{ Body: CertificateImportBody }>(
    '/api/certificate/import',
    { ...admin, schema: { body: CertificateImportBody } },
    (request, reply) =>
      audited(ports, 'certificate.import', request, reply, async (by) => {
        const before = await desk.row()
        const answer = await desk.import(request.body, by)
        const happened = !('kind' in answer) && answer.stored
        return { answer, happened, before, after: happened ? answer.certificate : undefined }
      }),
  )

  app.post<{ Body: CertificateExportBody }>(
    '/api/certificate/export',
    { ...admin, schema: { body: CertificateExportBody } },
    (request, reply) =>
      audited(ports, 'certificate.export', request, reply, async () => {
        const answer = await desk.export(request.body)
        const { format, privateKey = false } = request.body
        return { answer, happened: !('kind' in answer), after: { format, privateKey } }
      }),
  )

  app.post<{ Body: CertificateIssueBody }>(
    '/api/certificate/issue',
    { ...admin, schema: { body: CertificateIssueBody } },
    (request, reply) =>
      audited(ports, 'certificate.issue', request, reply, async (by) => {
        const before = await desk.issueRow()
        const answer = await desk.issue(request.body, by)
        return { answer, happened: !('kind' in answer), before, after: request.body }
      }),
  )

  // Authorities ask any node: whichever the name leads them to.
  app.get<{ Params: AcmeChallengeParams }>(
    '/.well-known/acme-challenge/:token',
    { config: { access: 'public' }, schema: { params: AcmeChallengeParams } },
    async (request, reply) => {
      const answer = await ports.renewer.challenges.answerTo(request.params.token)
      if (answer === undefined)
        return answerRefusal(reply, refuse('malformed', { detail: 'No authority was promised this.' }), 404)
      return reply.type('application/octet-stream').header('cache-control', 'no-store').send(answer)
    },
  )
}

/** What a node shows, as it answers the question `certificate`. */
export type ShownCertificate = Pick<NodeCertificateRow, 'tls' | 'fingerprint'>

interface Act {
  readonly answer: object | Refusal
  readonly happened: boolean
  readonly before?: unknown
  readonly after?: unknown
}

async function audited(
  { audit }: CertificateRoutesPorts,
  act: AuditAct,
  request: FastifyRequest,
  reply: FastifyReply,
  perform: (by: string) => Promise<Act>,
): Promise<unknown> {
  const actor = actorOf(request)
  const answer = await audit.act(actor, { act, on: 'certificate' }, async () => {
    const { answer: outcome, happened, ...told } = await perform(actor.name)
    return { outcome, happened: happened ? ('done' as const) : ('nothing' as const), ...told }
  })
  return isRefusal(answer) ? answerRefusal(reply, answer) : answer
}

function isRefusal(answer: object): answer is Refusal {
  return 'kind' in answer && answer.kind === 'refused'
}

async function nodesOf(node: NodeFacade): Promise<readonly NodeCertificateRow[]> {
  const living = node.members().filter((member) => stateOf(member) !== 'dead')
  const rows = living.map(async ({ node: name }): Promise<NodeCertificateRow> => {
    const answer = await node.inspect(name, 'certificate', {}, NODE_PATIENCE_MS).catch(() => undefined)
    if (typeof answer !== 'object' || answer === null) return { node: name }
    const { tls, fingerprint } = answer as Record<string, unknown>
    return {
      node: name,
      ...(typeof tls === 'boolean' && { tls }),
      ...(typeof fingerprint === 'string' && { fingerprint }),
    }
  })
  return (await Promise.all(rows)).sort((one, other) => (one.node < other.node ? -1 : 1))
}
