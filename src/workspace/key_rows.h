#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "auth/key.h"
#include "base/result.h"
#include "workspace/database.h"

// Keys as rows of the table, and as the log tells of them: for keys.cc, agreement.cc and repair.cc.

namespace workspace {

// Calls for each row, by id, with its record; Corrupt instead of one where the row holds none.
base::Result<void> each_key(
    Database& database,
    const std::function<base::Result<void>(const std::string& id,
                                           base::Result<auth::KeyRecord> record)>& on_key);

base::Result<void> remove_key(Database& database, const std::string& id);
// In place of the row with its id, if there is one.
base::Result<void> put_key(Database& database, const auth::KeyRecord& record);

// What the log says of the key: whose it is and what it opens, and a hash over that and over the
// digest of the key, so that no bit of a record can change unseen. The hash gives away neither.
// Entries that older releases wrote have no hash.
enum class KeyForm : unsigned char { Hashed, Plain };
std::string key_in_log(const auth::KeyRecord& record, KeyForm form = KeyForm::Hashed);
// The form that an entry has.
KeyForm key_form(std::string_view in_log);

}  // namespace workspace
