// Form of an IAM's External Groups and Authorizations Endpoint, with the platform's fields; secrets are sent but never shown.
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { type Edit, EditForm, useEdit } from './edit-form.tsx';
import { type FieldErrors, useFieldErrors } from './field-errors.tsx';
import { CheckField, FileField, TextField } from './fields.tsx';
import { ask, at, type Versioned } from './server.ts';

export interface EndpointFieldValues extends Readonly<Record<string, string | boolean>> {
  readonly hasEndpoint: boolean;
  readonly uri: string;
  readonly useAuth: boolean;
  readonly username: string;
  readonly password: string;
  readonly useSSL: boolean;
  readonly sslRequestCert: boolean;
  readonly sslKey: string;
  readonly sslCert: string;
  readonly sslCa: string;
}

const labels = {
  hasEndpoint: 'External Groups and Authorizations Endpoint',
  uri: 'External User Info URI',
  useAuth: 'Use Authentication',
  username: 'Username',
  password: 'Password',
  useSSL: 'Enable SSL',
  sslRequestCert: 'Require SSL Request Cert',
  sslKey: 'SSL key file (*.pem)',
  sslCert: 'SSL cert file (*.pem)',
  sslCa: 'SSL CA file (*.pem)',
} as const;

/** Which secrets are stored. */
export type StoredSecrets = Readonly<Record<'password' | 'sslKey' | 'sslCert' | 'sslCa', boolean>>;

/** Fields for secrets are initially empty, because stored secrets are never returned. */
export function toEndpointFields({ loaded }: Pick<IamSettingsBody, 'loaded'>): EndpointFieldValues {
  const endpoint = loaded?.externalUserInfo;
  return {
    hasEndpoint: endpoint !== undefined,
    uri: endpoint?.uri ?? '',
    useAuth: endpoint?.useAuth ?? false,
    username: endpoint?.authentication?.username ?? '',
    password: '',
    useSSL: endpoint?.useSSL ?? false,
    sslRequestCert: endpoint?.sslRequestCert ?? false,
    sslKey: '',
    sslCert: '',
    sslCa: '',
  };
}

/** Returns the body of the request that saves these changes. Switching an option off removes its secrets. */
export function toEndpointChange(changes: Partial<EndpointFieldValues>) {
  const { uri, useAuth, username, password, useSSL, sslRequestCert, sslKey, sslCert, sslCa } = changes;
  const secrets = Object.entries({ password, sslKey, sslCert, sslCa }).filter(
    ([, text]) => text !== undefined && text !== '',
  );
  const isCertOff = sslRequestCert === false || useSSL === false;
  return {
    settings: {
      externalUserInfo: {
        ...(uri !== undefined && { uri: uri.trim() }),
        ...(useAuth !== undefined && { useAuth }),
        ...(useAuth === false ? { authentication: null } : username !== undefined && { authentication: { username } }),
        ...(useSSL !== undefined && { useSSL }),
        ...(sslRequestCert !== undefined && { sslRequestCert }),
        ...(isCertOff && { sslRequestCert: false, sslKeyFile: null, sslCertFile: null }),
        ...(useSSL === false && { sslCaFile: null }),
      },
    },
    ...(secrets.length > 0 && { secrets: Object.fromEntries(secrets) }),
  };
}

interface EndpointFieldsProps {
  readonly fields: EndpointFieldValues;
  readonly set: Edit<EndpointFieldValues>['set'];
  readonly stored: StoredSecrets;
  /** Whether the IAM has an endpoint. */
  readonly isStored: boolean;
  /** Map from option, a key of `optionFields`, to its error. */
  readonly errors?: FieldErrors['ofFields'];
}

/** Map from option of `externalUserInfo` to its field. */
const optionFields = {
  uri: 'uri',
  'authentication.username': 'username',
  'authentication.passwordFile': 'password',
  'authentication.passwordEnv': 'password',
  sslKeyFile: 'sslKey',
  sslCertFile: 'sslCert',
  sslCaFile: 'sslCa',
} as const;

export function EndpointFields({ fields, set, stored, isStored, errors }: EndpointFieldsProps) {
  const errorOf = (name: keyof typeof labels) =>
    Object.entries(optionFields).flatMap(([option, field]) => (field === name ? (errors?.get(option) ?? []) : []))[0];
  const text = (name: 'uri' | 'username' | 'password') => ({
    label: labels[name],
    value: fields[name],
    error: errorOf(name),
    onInput: (value: string) => set(name, value),
  });
  const check = (name: 'hasEndpoint' | 'useAuth' | 'useSSL' | 'sslRequestCert') => (
    <CheckField label={labels[name]} value={fields[name]} onInput={(value) => set(name, value)} />
  );
  const file = (name: 'sslKey' | 'sslCert' | 'sslCa', required: boolean) => (
    <FileField
      label={labels[name]}
      isStored={stored[name]}
      required={required}
      error={errorOf(name)}
      onInput={(value) => set(name, value)}
    />
  );
  return (
    <>
      {check('hasEndpoint')}
      {!fields.hasEndpoint && isStored && (
        <p class="notice warn">
          Saving removes all settings of the endpoint, including the user list, the schedule and the guard.
        </p>
      )}
      {fields.hasEndpoint && (
        <fieldset>
          <legend>Endpoint</legend>
          <TextField {...text('uri')} required placeholder="https://users.example.com/user-info" />
          {check('useAuth')}
          {fields.useAuth && (
            <>
              <TextField {...text('username')} required />
              <TextField
                {...text('password')}
                type="password"
                required={!stored.password}
                hint={
                  stored.password
                    ? 'A password is stored. Leave this empty to keep it.'
                    : 'The password is stored, but not shown again.'
                }
              />
            </>
          )}
          {check('useSSL')}
          {fields.useSSL && check('sslRequestCert')}
          {fields.useSSL && fields.sslRequestCert && file('sslKey', true)}
          {fields.useSSL && fields.sslRequestCert && file('sslCert', true)}
          {fields.useSSL && file('sslCa', fields.sslRequestCert)}
        </fieldset>
      )}
    </>
  );
}

interface EndpointFormProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly onSaved: () => void;
}

export function EndpointForm({ iam, onSaved }: EndpointFormProps) {
  const endpoint = iam.data.loaded?.externalUserInfo;
  const { passwordFile, passwordEnv } = endpoint?.authentication ?? {};
  const edit = useEdit<IamSettingsBody, EndpointFieldValues>({
    resource: iam,
    toFields: toEndpointFields,
    save: (changes, version) =>
      changes.hasEndpoint === false
        ? ask('PUT', at`/simulator/iams/${iam.data.id}`, { settings: {} }, version)
        : ask('PATCH', at`/simulator/iams/${iam.data.id}`, toEndpointChange(changes), version),
    onSaved,
    done: 'The endpoint was saved.',
  });
  const errors = useFieldErrors(edit.refusal, 'externalUserInfo', Object.keys(optionFields));
  return (
    <div ref={errors.form}>
      {/* File fields are reset after saving. */}
      <EditForm key={iam.version} edit={edit} labels={labels} button="Save endpoint" refusal={errors.others}>
        <EndpointFields
          fields={edit.fields}
          set={edit.set}
          errors={errors.ofFields}
          isStored={endpoint !== undefined}
          stored={{
            password: (passwordFile ?? passwordEnv) !== undefined,
            sslKey: endpoint?.sslKeyFile !== undefined,
            sslCert: endpoint?.sslCertFile !== undefined,
            sslCa: endpoint?.sslCaFile !== undefined,
          }}
        />
      </EditForm>
    </div>
  );
}
