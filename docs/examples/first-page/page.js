// A first page against the mock: `make run`, then serve this folder, for example with
// `python3 -m http.server 5173`, and open http://localhost:5173.
const mock = new URLSearchParams(location.search).get('mock') ?? 'http://127.0.0.1:4010'
const element = (id) => document.getElementById(id)
let token = ''

async function call(method, path, { body, prefer } = {}) {
  const headers = { 'X-Language': 'en' }
  if (token) headers.Authorization = `Bearer ${token}`
  if (body) headers['Content-Type'] = 'application/json'
  if (prefer) headers.Prefer = prefer
  const answer = await fetch(mock + path, { method, headers, body: body && JSON.stringify(body) })
  const content = await answer.json()
  if (!answer.ok) throw new Error(`${content.status} ${content.code}: ${content.detail}`)
  return content
}

function cell(text, kind = '') {
  const made = document.createElement('td')
  made.textContent = text
  made.className = kind
  return made
}

function show(deposits) {
  element('rows').replaceChildren(...deposits.list.map((deposit) => {
    const row = document.createElement('tr')
    row.append(cell(deposit.order_number), cell(deposit.remittance_name))
    row.append(cell(`${deposit.amount} ${deposit.currency}`, 'amount'), cell(deposit.status))
    return row
  }))
  document.querySelector('table').hidden = false
  return `${deposits.list.length} of ${deposits.total} deposits.`
}

const deposits = '/v1/client/trading/history/deposit/list?page=1&size=10'
const stories = {
  'log-in': async () => {
    const body = { email: 'client@example.com', password: 'anything' }
    const session = await call('POST', '/v1/auth/account/login', { body })
    token = session.token
    for (const button of document.querySelectorAll('button')) button.disabled = false
    return `Logged in as ${session.user_info.email}.`
  },
  'list': async () => show(await call('GET', deposits)),
  'refused': async () => {
    const body = { deposit_amount: '500.00', remittance_id: 7, trading_account_id: 2101 }
    const prefer = 'code=409, example=KYC_REQUIRED'
    await call('POST', '/v1/client/trading/deposit/draft/create', { body, prefer })
    return 'The deposit was accepted.'
  },
  'slow': async () => {
    const started = performance.now()
    const shown = show(await call('GET', deposits, { prefer: 'delay=800' }))
    return `${shown} It took ${Math.round(performance.now() - started)} ms.`
  },
}

for (const [id, story] of Object.entries(stories)) {
  element(id).addEventListener('click', async () => {
    element('status').textContent = 'One moment …'
    element('status').textContent = await story().catch((error) => error.message)
  })
}
