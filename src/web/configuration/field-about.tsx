import { CodeText } from './code-text.tsx'
import { type FormField, fallbackText } from './form-fields.ts'

/** What a field is for, and what holds where nothing stands in it. */
export function FieldAbout(props: { field: FormField }) {
  const fallback = fallbackText(props.field)
  return (
    <span className="field-about">
      <CodeText text={props.field.about} />
      {fallback !== undefined && fallback !== 'nothing' && (
        <>
          {' '}
          Default: <span className="field-default">{fallback}</span>
        </>
      )}
    </span>
  )
}
