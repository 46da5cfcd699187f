// User info that may be sent but not cached.
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';

/**
 * An answer that holds for now alone: a merged source is missing in it, as the configuration allows, or a part of it is past its time.
 * Remembered, it would outlive the trouble that it comes from.
 */
export class PassingUserInfo extends EncodedUserInfo {}
