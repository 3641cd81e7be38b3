import type { ConfigCampaignResult } from './config-campaign-node.ts'
import { type ConfigCheck, checkConfigHistory } from './config-history.ts'
import { barLine, type FaultBar, faultBar } from './fault-bars.ts'

interface ConfigReport {
  readonly seed: number
  readonly edits: number
  readonly conflicts: number
  readonly lostAnswers: number
  readonly nodeKills: number
  readonly databaseKills: number
  readonly startsWithoutDatabase: number
  readonly servedLastKnown: number
  readonly revisions: number
  readonly oneDigestMs?: number
  readonly check: ConfigCheck
  readonly bars: readonly FaultBar[]
  readonly passed: boolean
}

const ONE_DIGEST_MS_MAX = 2000

/** What a campaign of edits is worth. `wanted`: edits that were to be made. */
export function configReport(result: ConfigCampaignResult, wanted: number, seed: number): ConfigReport {
  const { acknowledged, history, documents, ...counts } = result
  const check = checkConfigHistory(acknowledged, history, documents)
  const bars = [
    faultBar('edits not made', wanted - acknowledged.length, 0),
    faultBar('lost', check.lost, 0),
    faultBar('doubled', check.doubled, 0),
    faultBar('half applied', check.halfApplied, 0),
    faultBar('holes in the history', check.holes, 0),
    faultBar('documents astray', check.astray, 0),
    faultBar('all nodes tell one digest', counts.oneDigestMs, ONE_DIGEST_MS_MAX, 'ms'),
    faultBar(
      'starts without the database that did not serve',
      counts.startsWithoutDatabase - counts.servedLastKnown,
      0,
    ),
  ]
  const passed = bars.every(({ holds }) => holds)
  return { seed, edits: acknowledged.length, revisions: history.length, ...counts, check, bars, passed }
}

/** The report as a person reads it. */
export function configLines(report: ConfigReport): readonly string[] {
  const { edits, revisions, conflicts, lostAnswers, nodeKills, databaseKills, servedLastKnown } = report
  return [
    `${edits} edits acknowledged in ${revisions} revisions; ${conflicts} made anew after a conflict, ${lostAnswers} answers lost and asked for again`,
    `${nodeKills} nodes killed, the database ${databaseKills} times; ${servedLastKnown} nodes started without it and served what they knew`,
    ...report.bars.map(barLine),
  ]
}
