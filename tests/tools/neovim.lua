-- Uses a spec as a person does, by the functions behind the keys; writes what was seen as JSON.
-- OUT names the file, and the mistake that is made is `kernal` in the place of the first `kernel`.

local seen = {}
local wait = tonumber(vim.env.WAIT)

local function until_true(what, condition)
  if not vim.wait(wait, condition, 20) then
    error("waited in vain for " .. what)
  end
end

local function at(pattern, offset)
  vim.fn.cursor(1, 1)
  local line, column = unpack(vim.fn.searchpos(pattern, "cW"))
  assert(line > 0, pattern .. " is not there")
  vim.fn.cursor(line, column + (offset or 0))
end

local function findings()
  return vim.tbl_map(function(finding)
    return { line = finding.lnum + 1, column = finding.col + 1, message = finding.message }
  end, vim.diagnostic.get(0, { severity = { min = vim.diagnostic.severity.WARN } }))
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

local function use()
  until_true("the server", function()
    return #vim.lsp.buf_get_clients(0) == 1 and vim.lsp.buf_get_clients(0)[1].initialized
  end)

  -- hover: the words in the window that opens
  at([[- \zsconv:]])
  vim.lsp.buf.hover()
  local window
  until_true("hover", function()
    for _, each in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(each).relative ~= "" then
        window = each
      end
    end
    return window ~= nil
  end)
  local buffer = vim.api.nvim_win_get_buf(window)
  seen.hover = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
  vim.api.nvim_win_close(window, true)

  -- a mistake, and its mending
  local right = text()
  at("kernel", 4)
  vim.cmd("normal! ra") -- kernal
  until_true("a finding", function() return #findings() > 0 end)
  seen.findings = findings()
  vim.ui.select = function(items, options, choose) -- an editor's menu; the first is chosen
    seen.actions = vim.tbl_map(options.format_item, items)
    choose(items[1])
  end
  vim.lsp.buf.code_action()
  until_true("the mending", function() return text() == right end)
  until_true("no finding", function() return #findings() == 0 end)

  -- completion: what CTRL-X CTRL-O offers for an attribute
  at("kernel")
  local found = vim.lsp.buf_request_sync(
    0, "textDocument/completion", vim.lsp.util.make_position_params(), wait)
  local _, answer = next(found)
  seen.completion = vim.tbl_map(function(item) return item.label end, answer.result.items)

  -- rename: a variable, in one stroke that can be undone
  at([[\<classes\>]])
  vim.lsp.buf.rename("labels")
  until_true("the new name", function() return text() ~= right end)
  seen.renamed = text()
  vim.cmd("undo")

  -- the line above the file
  vim.lsp.codelens.refresh()
  until_true("the lens", function() return #vim.lsp.codelens.get(0) > 0 end)
  seen.lens = vim.lsp.codelens.get(0)[1].command.title

  -- definition: a block, in the library that ships
  at([[block: \zs\w]])
  vim.lsp.buf.definition()
  local spec = vim.api.nvim_get_current_buf()
  until_true("the definition", function() return vim.api.nvim_get_current_buf() ~= spec end)
  seen.definition = { vim.api.nvim_buf_get_name(0), vim.api.nvim_get_current_line() }
end

local is_good, reason = xpcall(use, debug.traceback)
seen.messages = vim.api.nvim_exec("messages", true)
seen.error = not is_good and reason or nil
vim.fn.writefile({ vim.fn.json_encode(seen) }, vim.env.OUT)
vim.cmd("qall!")
