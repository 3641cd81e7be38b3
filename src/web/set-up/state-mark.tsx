import type { SetUpState } from '../../protocol/set-up-answers.ts'

const PATHS: Readonly<Record<SetUpState, string>> = {
  done: 'M7.5 12.5l3 3l6-6.5',
  open: '',
  failed: 'M12 7.5v6M12 16.4v.1',
  skipped: 'M8 12h8',
}

/** A round mark for a state; the word beside it tells the same. */
export function StateMark(props: { state: SetUpState }) {
  return (
    <svg className={`state-mark state-${props.state}`} viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="9" />
      <path d={PATHS[props.state]} />
    </svg>
  )
}
