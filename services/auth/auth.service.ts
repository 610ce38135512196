import { service } from "postbox";
import { operations, rest, store } from "postbox/mixins";
import { changePassword } from "./api/v1/change-password.ts";
import { changeRole } from "./api/v1/change-role.ts";
import { changeUsername } from "./api/v1/change-username.ts";
import { endSession } from "./api/v1/end-session.ts";
import { findUser } from "./api/v1/find-user.ts";
import { forgotPassword } from "./api/v1/forgot-password.ts";
import { listSessions } from "./api/v1/list-sessions.ts";
import { login } from "./api/v1/login.ts";
import { logout } from "./api/v1/logout.ts";
import { refresh } from "./api/v1/refresh.ts";
import { register } from "./api/v1/register.ts";
import { requestVerification, requestVerificationByForm } from "./api/v1/request-verification.ts";
import { resetByPage, showReset } from "./api/v1/reset-by-page.ts";
import { resetPassword } from "./api/v1/reset-password.ts";
import { revocations } from "./api/v1/revocations.ts";
import { setDisabled } from "./api/v1/set-disabled.ts";
import { confirmEmail, verifyEmail } from "./api/v1/verify-email.ts";
import { versions } from "./api/versions.ts";
import { defineModels } from "./models.ts";
import { endIdleThreads } from "./passwords/hashing-threads.ts";
import { ensureRootUser } from "./root-user.ts";

export default service({
  name: "auth",
  version: 1,
  mixins: [store("auth", defineModels), rest("auth", versions), operations()],
  actions: {
    register,
    login,
    logout,
    refresh,
    listSessions,
    endSession,
    forgotPassword,
    resetPassword,
    showReset,
    resetByPage,
    requestVerification,
    requestVerificationByForm,
    verifyEmail,
    confirmEmail,
    findUser,
    changeUsername,
    changePassword,
    changeRole,
    setDisabled,
    revocations,
  },
  started() {
    return ensureRootUser(this);
  },
  stopped: endIdleThreads,
});
