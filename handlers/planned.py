"""Operations that are not built yet; the server answers them with status 501."""

PLANNED = frozenset(
    """
    export_withdrawal_report list_withdrawal_report
    create_e_verification_session get_e_verification_result
    get_questionnaire_answers save_questionnaire_answers
    get_client get_registration_template register_client save_client_kyc
    export_deposit_report list_deposit_report export_closed_order_report
    list_closed_order_report export_open_position_report list_open_position_report
    export_pending_order_report list_pending_order_report list_trading_server_options
    list_traded_symbols export_transfer_report list_transfer_report
    get_ib_client list_ib_clients get_ib_dashboard get_ib_dashboard_updated_at list_rebates
    list_rebate_accounts set_rebate_account_enabled
    list_ib_client_trading_accounts get_ib
    export_rebate_detail_report list_rebate_detail_report export_rebate_report
    list_rebate_report
    send_phone_code verify_phone_code reset_password_by_phone register_by_phone
    register_by_email login_lwork_user list_lwork_users get_lwork_user set_lwork_password
    set_lwork_avatar get_account_info update_account_info get_account_task_state
    send_registration_email_code register_with_email_code
    """.split()
)
