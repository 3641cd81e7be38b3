import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { FieldAbout } from './field-about.tsx'
import { emptied } from './form-values.ts'
import { type ControlProps, controlId, useWorld } from './form-world.ts'
import { useWrapper } from './text-controls.tsx'

/** On or off; while nothing is written, as the default says. */
export function FlagControl({ field, draft, at, onChange, more }: ControlProps) {
  const { readOnly, faultAt } = useWorld()
  return (
    <>
      <Switch
        id={controlId(at)}
        label={field.label}
        labelPosition="left"
        description={<FieldAbout field={field} />}
        error={faultAt(at)}
        disabled={readOnly}
        checked={typeof draft === 'boolean' ? draft : field.fallback === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {more}
    </>
  )
}

/** One of some texts. */
export function ChoiceControl(props: ControlProps & { choices: readonly string[] }) {
  const { field, draft, onChange, choices } = props
  const wrapper = useWrapper(props)
  const none = field.required ? 'Choose' : `${String(field.fallback)} (default)`
  const chosen = typeof draft === 'string' ? draft : ''
  const strange = chosen !== '' && !choices.includes(chosen)
  return (
    <NativeSelect
      {...wrapper}
      value={chosen}
      data={[{ value: '', label: none }, ...choices, ...(strange ? [chosen] : [])]}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? undefined : value)}
    />
  )
}

/** The name of another document, chosen among those that there are. */
export function ReferenceControl(props: ControlProps & { to: string }) {
  const { draft, onChange, to } = props
  const documents = useWorld().documents(to)
  const chosen = typeof draft === 'string' ? draft : ''
  const gone = chosen !== '' && !documents.some(({ own }) => own === chosen)
  const data = [
    { value: '', label: documents.length === 0 ? `There is no ${to} yet` : `Choose a ${to}` },
    ...documents.map(({ own, title }) => ({ value: own, label: title === own ? own : `${title} (${own})` })),
    ...(gone ? [{ value: chosen, label: `${chosen}: there is none` }] : []),
  ]
  const link =
    chosen !== '' && !gone ? (
      <a href={`/console/configuration/${to}/${chosen}`}>
        Open {to}/{chosen}
      </a>
    ) : (
      <a href={`/console/configuration/${to}`}>Make a {to}</a>
    )
  const more = (
    <>
      <div className="field-more">{link}</div>
      {props.more}
    </>
  )
  const wrapper = useWrapper({ ...props, more })
  return (
    <NativeSelect
      {...wrapper}
      value={chosen}
      data={data}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? undefined : value)}
    />
  )
}

/** The address of an image, chosen among the assets or written. */
export function ImageControl(props: ControlProps) {
  const { field, draft, onChange } = props
  const { images, readOnly } = useWorld()
  const address = typeof draft === 'string' ? draft : ''
  const known = images.some((image) => image.address === address)
  const more = (
    <>
      <div className="image-more">
        {address !== '' && <img src={address} alt={`${field.label} as it is now`} />}
        {images.length > 0 && (
          <NativeSelect
            aria-label={`Image of the cluster: ${field.label}`}
            size="xs"
            disabled={readOnly}
            value={known ? address : ''}
            data={[
              { value: '', label: 'Choose an image of the cluster' },
              ...images.map(({ address: value, names: [name], file }) => ({ value, label: name ?? file.slice(0, 16) })),
            ]}
            onChange={({ currentTarget: { value } }) => value !== '' && onChange(value)}
          />
        )}
      </div>
      {props.more}
    </>
  )
  const wrapper = useWrapper({ ...props, more })
  return (
    <TextInput
      {...wrapper}
      value={address}
      placeholder="No image"
      spellCheck={false}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? emptied(field) : value)}
    />
  )
}
