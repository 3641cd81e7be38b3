import type { SetUpStepRow } from '../../protocol/set-up-answers.ts'
import { type SetUpStepId, setUpStep } from '../../protocol/set-up-steps.ts'
import { STATE_WORDS } from './set-up-facts.ts'
import { StateMark } from './state-mark.tsx'

/** All steps with their states; each can be gone to at any time. */
export function StepList(props: {
  steps: readonly SetUpStepRow[]
  present: SetUpStepId
  onChoose: (id: SetUpStepId) => void
}) {
  return (
    <nav className="step-list" aria-label="Steps">
      <ol>
        {props.steps.map(({ id, state }) => (
          <li key={id}>
            <button
              type="button"
              className="step-link"
              aria-current={id === props.present ? 'step' : undefined}
              onClick={() => props.onChoose(id)}
            >
              <StateMark state={state} />
              <span className="step-name">{setUpStep(id).title}</span>
              <span className={`step-state state-${state}`}>{STATE_WORDS[state]}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
