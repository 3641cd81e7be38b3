import { plural } from '../console/console-text.ts'
import { CodeText } from './code-text.tsx'
import type { TextFault } from './fault-facts.ts'
import { labelOf } from './form-fields.ts'

/** All that is wrong at once. Each leads to its place. Always in the document, so that it is read out when it fills. */
export function FaultList(props: { faults: readonly TextFault[]; onGo: (fault: TextFault) => void }) {
  const { faults } = props
  return (
    <div className="faults" role="alert">
      {faults.length > 0 && (
        <>
          <strong>{plural(faults.length, 'thing is', 'things are')} wrong; nothing was stored</strong>
          <ul>
            {faults.map((fault) => (
              <li key={`${fault.document} ${fault.field} ${fault.line} ${fault.sentence}`}>
                {fault.document === undefined ? (
                  <button type="button" onClick={() => props.onGo(fault)}>
                    {placeText(fault)}
                  </button>
                ) : (
                  <a href={`/console/configuration/${fault.document}`}>
                    {fault.document}
                    {fault.field === '' ? '' : `, ${fault.field}`}
                  </a>
                )}{' '}
                <CodeText text={fault.sentence} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function placeText({ field, line }: TextFault): string {
  const own = field.split('.').map(labelOf).join(' › ')
  return [own, line === undefined ? '' : `line ${line}`].filter((part) => part !== '').join(', ') || 'The document'
}
