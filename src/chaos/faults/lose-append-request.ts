import { cutInRequest } from '../append-cut-decision.ts'
import { APPENDS_CUT_MAX, cutAppends } from '../cut-appends.ts'
import type { Fault } from '../fault.ts'

export const loseAppendRequest: Fault = {
  name: 'lose-append-request',
  faultClass: 'store',
  sentence: `the connection is reset in the middle of an append on its way to the database, which never sees it whole; 1 to ${APPENDS_CUT_MAX} times`,
  weight: 1,
  gapMsMax: 2000,
  inject: (stage) => cutAppends(stage, 'forth', cutInRequest),
}
