// List of all checks by topic, in the order in which they run. To add a topic, add a file, and a line here.
import type { Topic } from '../check.ts';
import { authentication } from './authentication.ts';
import { authenticationChallenges } from './authentication-challenges.ts';
import { basic } from './basic.ts';
import { body } from './body.ts';
import { clientCertificate } from './client-certificate.ts';
import { consistency } from './consistency.ts';
import { encoding } from './encoding.ts';
import { errorDisclosure } from './error-disclosure.ts';
import { errorResponses } from './error-responses.ts';
import { expectedData } from './expected-data.ts';
import { generatedInputs } from './generated-inputs.ts';
import { identity } from './identity.ts';
import { identityMetaCharacters } from './identity-meta-characters.ts';
import { identitySpelling } from './identity-spelling.ts';
import { knownUser } from './known-user.ts';
import { methods } from './methods.ts';
import { robustness } from './robustness.ts';
import { sourceFailure } from './source-failure.ts';
import { tlsTopic } from './tls.ts';
import { unauthenticatedClients } from './unauthenticated-clients.ts';
import { unknownUser } from './unknown-user.ts';
import { userEnumeration } from './user-enumeration.ts';
import { userid } from './userid.ts';
import { useridSyntax } from './userid-syntax.ts';

/** Checks with wrong credentials come near the end: if they reach a limit, most other checks have already run. */
export const catalogue: readonly Topic[] = [
  knownUser,
  encoding,
  body,
  unknownUser,
  userid,
  useridSyntax,
  identity,
  identityMetaCharacters,
  identitySpelling,
  methods,
  errorResponses,
  errorDisclosure,
  consistency,
  expectedData,
  robustness,
  tlsTopic,
  clientCertificate,
  unauthenticatedClients,
  basic,
  // Late, so that most other checks have run if the data source does not recover.
  sourceFailure,
  authentication,
  authenticationChallenges,
  userEnumeration,
  // Last, because it may use up the requests.
  generatedInputs,
];
