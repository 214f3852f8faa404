// The desk: a page without a framework that calls the API with the session cookie.
const SESSION_URL = "/auth/session/";
const API_URL = "/api/";

const byId = (id) => document.getElementById(id);
const clone = (id) => byId(id).content.cloneNode(true);
const formatDate = (day) =>
  new Intl.DateTimeFormat("en", { month: "long", day: "numeric", timeZone: "UTC" }).format(new Date(day));

let started; // settled when the page shows the data of the user
let session; // the answer of SESSION_URL
const rows = new Map(); // the list element of each tool, by its slug

class ApiError extends Error {}

/** Call the API. The answer of a denied request names the page on which the user can go on. */
async function call(method, path, body, isRetry = false) {
  let response;
  try {
    response = await fetch(new URL(path, new URL(API_URL, location)), {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": session.csrf_token },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new ApiError("No connection. Check your network and try again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (answer.redirect_browser_to) {
    location.assign(answer.redirect_browser_to); // sign in, confirm the second factor, or verify the address
    return new Promise(() => {}); // the page is left
  }
  if (response.status === 403 && !isRetry) {
    // A sign-in in another tab has changed the CSRF token. The action is not for the account of another user.
    const loaded = await loadSession();
    if (loaded && loaded.session?.identity.id !== session.session?.identity.id) {
      location.reload();
      return new Promise(() => {});
    }
    if (loaded) {
      session = loaded;
      showAccount();
      return call(method, path, body, true);
    }
  }
  const wait = response.headers.get("Retry-After");
  const hint = wait ? ` Try again in ${wait} seconds.` : "";
  throw new ApiError(`${answer.detail ?? answer.error?.message ?? "This did not work."}${hint}`);
}

/** Read all pages of a list. */
async function list(path) {
  const results = [];
  for (let next = path; next; ) {
    const page = await call("GET", next);
    results.push(...page.results);
    next = page.next;
  }
  return results;
}

function showAccount() {
  const { links, authenticated } = session;
  const account = clone(authenticated ? "signed-in" : "signed-out");
  if (authenticated) {
    const { name, email } = session.session.identity.traits;
    account.querySelector(".name").textContent = [name?.first, name?.last].filter(Boolean).join(" ") || email;
    const form = account.querySelector("form");
    form.action = links.logout;
    form.elements.csrfmiddlewaretoken.value = session.csrf_token;
    form.elements.next.value = location.href;
  } else {
    const next = `?next=${encodeURIComponent(location.href)}`;
    const [signIn, join] = account.querySelectorAll("a");
    signIn.href = links.login + next;
    join.href = links.registration + next;
  }
  byId("account").replaceChildren(account);
}

/** Show one tool: its state, and the button for the next step. `loan`: the user's own loan of it. */
function showTool(tool, loan) {
  let row = rows.get(tool.slug);
  if (!row) {
    row = clone("tool-row").firstElementChild;
    rows.set(tool.slug, row);
    byId("tools").append(row);
  }
  const [name, state, button] = [".name", ".state", "button"].map((part) => row.querySelector(part));
  name.textContent = tool.name;
  state.textContent = loan
    ? `${loan.is_overdue ? "Overdue since" : "Yours until"} ${formatDate(loan.due_on)}`
    : tool.on_loan_until
      ? `On loan until ${formatDate(tool.on_loan_until)}`
      : `Available for ${tool.loan_days} days`;
  state.className = `state ${loan?.is_overdue ? "late" : loan || tool.on_loan_until ? "out" : "in"}`;
  button.hidden = !loan && tool.on_loan_until !== null;
  button.className = loan ? "quiet" : "";
  button.textContent = loan ? "Return" : "Borrow";
  button.setAttribute("aria-label", `${button.textContent} ${tool.name}`);
  button.onclick = () => (loan ? giveBack(button, loan) : borrow(button, tool));
}

async function showTools() {
  const [tools, loans] = await Promise.all([list("tools/"), session.authenticated ? list("loans/") : []]);
  const open = new Map(loans.filter((loan) => !loan.returned_on).map((loan) => [loan.tool, loan]));
  for (const tool of tools) showTool(tool, open.get(tool.slug));
  const returned = loans.length - open.size;
  byId("history").textContent = session.authenticated
    ? `${returned} returned ${returned === 1 ? "loan" : "loans"}`
    : session.links
      ? "Sign in to see your loans."
      : "";
}

const borrow = (button, tool) =>
  act(button, async () => {
    const loan = await call("POST", "loans/", { tool: tool.slug });
    return `${tool.name} is yours until ${formatDate(loan.due_on)}.`;
  });

const giveBack = (button, loan) =>
  act(button, async () => {
    await call("POST", `loans/${loan.id}/return/`);
    return `${loan.tool_name} is back on the shelf. Thank you.`;
  });

/** Run the action of a button, and report its result. The focus stays on the button. */
async function act(button, action) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    await started; // the buttons are there before the session is
    notify(await action(), "success");
  } catch (error) {
    report(error);
  }
  await showTools().catch(report);
  button.removeAttribute("aria-busy");
}

function report(error) {
  if (!(error instanceof ApiError)) throw error;
  notify(error.message, "error");
}

function notify(message, kind) {
  byId("notice").className = message && `notice ${kind}`;
  byId("notice").textContent = message;
}

async function loadSession() {
  try {
    const response = await fetch(SESSION_URL);
    if (response.ok) return await response.json();
    notify((await response.json()).error.message, "error");
  } catch {
    notify("Toolshelf is not available. Reload this page in a moment.", "error");
  }
  return null;
}

async function start() {
  const loaded = await loadSession();
  session = loaded ?? { authenticated: false, csrf_token: "" }; // the list of tools is public
  if (session.aal2_required) {
    location.assign(`${session.links.login}?aal=aal2&next=${encodeURIComponent(location.href)}`);
    return;
  }
  if (loaded) showAccount();
  await showTools().catch(report);
}

byId("show-code").onclick = (event) =>
  act(event.currentTarget, async () => {
    byId("code").textContent = (await call("GET", "key-box/")).code;
    return "";
  });
byId("erase-history").onclick = (event) =>
  act(event.currentTarget, async () => {
    const { erased } = await call("DELETE", "loans/history/");
    return `${erased} ${erased === 1 ? "loan was" : "loans were"} erased.`;
  });
// After the back button the page may be an old copy.
addEventListener("pageshow", () => {
  started = start();
});
