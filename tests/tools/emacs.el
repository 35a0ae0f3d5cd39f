;;; Uses a spec as a person does, by the functions behind the keys; writes what was seen as JSON.  -*- lexical-binding: t -*-
;; OUT names the file, and the mistake that is made is `kernal' in the place of the first `kernel'.

(defvar seen (make-hash-table))
(defvar patience (string-to-number (getenv "WAIT")))

(defun keep (name value) (puthash name value seen))

(defun until-true (what condition)
  (with-timeout (patience (error "Waited in vain for %s" what))
    (while (not (funcall condition))
      (accept-process-output nil 0.02))))

(defun at (pattern &optional offset)
  (goto-char (point-min))
  (re-search-forward pattern)
  (goto-char (+ (match-beginning 0) (or offset 0))))

(defun text () (buffer-substring-no-properties (point-min) (point-max)))

(defun tell-changes () ; what Eglot does when nothing has been typed for a moment; a script is never idle
  (eglot--signal-textDocument/didChange)
  (flymake-start))

(defun findings ()
  (mapcar (lambda (finding)
            (goto-char (flymake-diagnostic-beg finding))
            `((line . ,(line-number-at-pos)) (column . ,(1+ (current-column)))
              (message . ,(flymake-diagnostic-text finding))))
          (flymake-diagnostics)))

(defun use (file)
  (find-file file)
  (run-hooks 'post-command-hook) ; Eglot begins after a command, and a script gives none
  (until-true "the server" (lambda () (and (eglot-managed-p) (eglot-current-server))))

  ;; hover: the words that Eldoc shows
  (at "conv: {filters")
  (let (words)
    (eglot-hover-eldoc-function (lambda (info &rest _) (setq words info)))
    (until-true "hover" (lambda () words))
    (keep 'hover (substring-no-properties words)))

  ;; a mistake, and its mending
  (let ((right (text)))
    (at "kernel" 4)
    (delete-char 1)
    (insert "a") ; kernal
    (tell-changes)
    (until-true "a finding" #'findings)
    (keep 'findings (vconcat (findings)))
    (at "kernal")
    (cl-letf (((symbol-function 'completing-read) ; the menu; the first is chosen
               (lambda (_ actions &rest _)
                 (keep 'actions (vconcat (mapcar #'car actions)))
                 (caar actions)))
              (last-nonmenu-event 'key)) ; not the mouse
      (eglot-code-actions (point) nil nil t))
    (until-true "the mending" (lambda () (string= (text) right)))
    (tell-changes)
    (until-true "no finding" (lambda () (null (findings)))))

  ;; completion: what M-TAB offers for an attribute
  (at "kernel")
  (let* ((offer (eglot-completion-at-point))
         (words (all-completions "" (nth 2 offer))))
    (keep 'completion (vconcat (mapcar #'substring-no-properties words))))

  ;; rename: a variable
  (at "classes:")
  (let ((right (text)))
    (eglot-rename "labels")
    (keep 'renamed (text))
    (erase-buffer)
    (insert right)
    (save-buffer))

  ;; the outline, as M-x imenu offers it
  (keep 'outline (vconcat (mapcar #'car (apply #'append (mapcar #'cdr (eglot-imenu))))))

  ;; definition: a block, in the library that ships
  (at "block: basic" 7)
  (let ((place (xref-item-location (car (xref-backend-definitions 'eglot "basic")))))
    (keep 'definition (vector (xref-location-group place) (xref-location-line place)))))

(condition-case reason
    (use "net.yaml")
  (error (keep 'error (error-message-string reason))))
(keep 'messages (with-current-buffer "*Messages*" (text)))
(with-temp-file (getenv "OUT") (insert (json-encode seen)))
(let (kill-emacs-hook) (kill-emacs))
