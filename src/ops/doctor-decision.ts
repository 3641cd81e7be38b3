import type { NodeName } from '../base/ids.ts'
import {
  judgeCertificate,
  judgeClock,
  judgeConfiguration,
  judgeDatabaseClock,
  judgePublicAddress,
  judgeRuntime,
  judgeTime,
  judgeVersion,
} from './doctor-agreement-decision.ts'
import { DOCTOR_CHECKS, type DoctorCheck, type DoctorCheckName } from './doctor-catalogue.ts'
import {
  judgeAnswers,
  judgeDatabase,
  judgeDisk,
  judgeMasterKey,
  judgeMemory,
  judgeOpenFiles,
  judgePorts,
  judgeSchema,
} from './doctor-health-decision.ts'
import { type DoctorFault, type DoctorView, failed, type Judge, warning } from './doctor-view-decision.ts'

/** What one check says of some nodes. A node of which nothing is said could not be looked at. */
export interface DoctorFinding {
  readonly check: DoctorCheckName
  readonly severity: 'ok' | DoctorFault['severity']
  readonly nodes: readonly NodeName[]
  readonly sentence: string
  /** Empty where nothing is to be done. */
  readonly remedy: string
}

const JUDGES: Readonly<Record<DoctorCheckName, Judge>> = {
  answers: judgeAnswers,
  'public-address': judgePublicAddress,
  certificate: judgeCertificate,
  version: judgeVersion,
  schema: judgeSchema,
  runtime: judgeRuntime,
  configuration: judgeConfiguration,
  clock: judgeClock,
  'database-clock': judgeDatabaseClock,
  ports: judgePorts,
  database: judgeDatabase,
  disk: judgeDisk,
  'master-key': judgeMasterKey,
  memory: judgeMemory,
  'open-files': judgeOpenFiles,
  time: judgeTime,
}

/** Compares what all nodes say, check by check in the order of the catalogue, what is wrong before what is well. */
export function compareNodes(view: DoctorView): readonly DoctorFinding[] {
  return Object.entries(DOCTOR_CHECKS).flatMap(([name, kind]) => judged(name as DoctorCheckName, kind, view))
}

function judged(check: DoctorCheckName, kind: DoctorCheck, view: DoctorView): readonly DoctorFinding[] {
  const { looked, faults: found, well } = JUDGES[check](view)
  const faults = [...found, ...unseen(kind, view)]
  const concerned = new Set(faults.flatMap(({ nodes }) => nodes))
  const fine = looked.filter((node) => !concerned.has(node))
  const wrong = faults.map((fault) => ({ check, ...fault }))
  if (fine.length === 0) return wrong
  return [...wrong, { check, severity: 'ok', nodes: fine, sentence: well(fine), remedy: '' }]
}

/** A node that could not look says why. Without its database it cannot serve for long; the rest may be well after all. */
function unseen({ section, title }: DoctorCheck, { reports }: DoctorView): readonly DoctorFault[] {
  if (section === undefined) return []
  return reports.flatMap(({ node, facts }) => {
    const why = facts?.unseen[section]
    if (why === undefined) return []
    if (section === 'database')
      return failed(
        [node],
        `${node}: the database cannot be reached: ${why}`,
        'See that it runs and that the node may reach it.',
      )
    return warning(
      [node],
      `${node}: ${title} could not be looked at: ${why}`,
      'See what the reason says, and ask again.',
    )
  })
}
